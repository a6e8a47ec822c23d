// Topic filters and routes of bridges, as the gateway has them in bridge/rename.go; for previews only.
import type { Route } from "../api/model";
import { sharedOf } from "./topic";

/** matches says whether a filter selects a topic (MQTT 5, 4.7). */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  if (topic.startsWith("$") && (wanted[0] === "+" || wanted[0] === "#")) {
    return false;
  }
  for (const [index, level] of wanted.entries()) {
    if (level === "#") {
      return true;
    }
    if (levels[index] === undefined || (level !== "+" && level !== levels[index])) {
      return false;
    }
  }
  return wanted.length === levels.length;
}

export interface Carried {
  topic: string;
  /** What it is called on the other side. */
  remote: string;
}

type RouteTexts = Pick<Route, "direction" | "filter" | "prefix" | "topic" | "exclude">;

/** carriedBy gives for each route out which of the topics it takes: the first route that matches a topic decides. */
export function carriedBy(routes: readonly RouteTexts[], topics: readonly string[]): Carried[][] {
  const carried: Carried[][] = routes.map(() => []);
  for (const topic of topics) {
    const index = routes.findIndex((route) => route.direction === "out" && takes(route, topic));
    const route = routes[index];
    if (route) {
      carried[index]?.push({ topic, remote: remoteOf(route, topic) });
    }
  }
  return carried;
}

const filterOf = (route: RouteTexts) => sharedOf(route.filter)?.filter ?? route.filter;

function takes(route: RouteTexts, topic: string): boolean {
  return matches(filterOf(route), topic) && !(route.exclude ?? []).some((filter) => matches(filter, topic));
}

function remoteOf(route: RouteTexts, topic: string): string {
  if (!route.topic) {
    return (route.prefix ?? "") + topic;
  }
  const levels = topic.split("/");
  let filled = route.topic;
  let plus = 0;
  for (const [index, level] of filterOf(route).split("/").entries()) {
    if (level === "+") {
      plus++;
      filled = filled.replaceAll(`{${plus}}`, levels[index] ?? "");
    }
    if (level === "#") {
      const rest = levels.slice(index).join("/");
      filled = rest === "" ? filled.replaceAll("/{#}", "").replaceAll("{#}", "") : filled.replaceAll("{#}", rest);
    }
  }
  return filled.replaceAll("{topic}", topic);
}
