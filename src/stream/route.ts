import { pathOf } from "../wire/apis.ts";
import { apiUrl, originOf } from "../wire/endpoint.ts";
import type { StreamRequest } from "./event.ts";
import { destinationOf, type Destination } from "./http.ts";
import { createHeaderMask, createMask, type Mask } from "./mask.ts";

/** Where requests go, and what must not be seen of them: the same for nearly all requests of a run. */
export type Route = {
  /** The address of the API, whose `path` stands behind the endpoint. */
  to: Destination;
  path: string;
  /** Scheme, host and port. */
  origin: string;
  mask: Mask;
  /** The headers of a response as they may be shown. */
  shown: (headers: Headers) => Record<string, string>;
};

type Place = Pick<StreamRequest, "endpoint" | "api" | "proxy" | "secrets">;

/** Finds the route of a request; the last one is kept, for to make it costs as much as to read a short answer. */
export function createRoutes(): (place: Place) => Route {
  let last: { place: Place; route: Route } | null = null;
  return (place) => {
    if (last === null || !isSame(last.place, place)) last = { place, route: routeOf(place) };
    return last.route;
  };
}

function isSame(a: Place, b: Place): boolean {
  if (a.endpoint !== b.endpoint || a.api !== b.api || a.proxy !== b.proxy) return false;
  return a.secrets.length === b.secrets.length && a.secrets.every((secret, index) => secret === b.secrets[index]);
}

function routeOf({ endpoint, api, proxy, secrets }: Place): Route {
  const path = pathOf(api);
  const to = destinationOf(apiUrl(endpoint, path), proxy);
  const mask = createMask(secrets, endpoint);
  return { to, path, origin: originOf(endpoint), mask, shown: createHeaderMask(mask) };
}
