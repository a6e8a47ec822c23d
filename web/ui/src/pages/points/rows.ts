import type { Config, Device, Point } from "../../api/model";
import { topicOf } from "../../lib/topic";

/** One line of the grid. */
export interface Row {
  key: string;
  device: Device;
  point: Point;
  name: string;
  topic: string;
}

/** rowsOf lists the points of one device, or of all, that contain the searched text. */
export function rowsOf(config: Config, device: string, search: string): Row[] {
  const wanted = search.trim().toLowerCase();
  return config.devices
    .filter((one) => device === "" || one.id === device)
    .flatMap((one) =>
      one.points.map((point) => ({
        key: `${one.id}/${point.id}`,
        device: one,
        point,
        name: point.name || point.id,
        topic: topicOf(point.mapping.topic, config.name, one.id, point.id),
      })),
    )
    .filter((row) => wanted === "" || `${row.name} ${row.key} ${row.point.address} ${row.topic}`.toLowerCase().includes(wanted));
}
