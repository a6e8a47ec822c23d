import { Button, Group, Paper, Table, Text, UnstyledButton } from "@mantine/core";
import {
  createColumnHelper,
  createPaginatedRowModel,
  createSortedRowModel,
  rowPaginationFeature,
  rowSortingFeature,
  sortFn_alphanumeric,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useTranslation } from "react-i18next";

import { useIsNarrow } from "../../lib/useIsPhone";
import { LiveAge, LiveQuality, LiveValue } from "./LiveCells";
import { PointCards } from "./PointCards";
import { RowActions, type RowCommands } from "./RowActions";
import type { Row } from "./rows";

const pageSize = 25;

const features = tableFeatures({
  rowSortingFeature,
  rowPaginationFeature,
  sortedRowModel: createSortedRowModel(),
  paginatedRowModel: createPaginatedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric },
});

const helper = createColumnHelper<typeof features, Row>();

const columns = helper.columns([
  helper.accessor("name", { header: "name", sortFn: "alphanumeric", cell: ({ row }) => <NameCell row={row.original} /> }),
  helper.accessor((row) => row.device.name, { id: "device", header: "device", sortFn: "alphanumeric" }),
  helper.display({ id: "value", header: "value", cell: ({ row }) => <LiveValue row={row.original} /> }),
  helper.display({ id: "age", header: "age", cell: ({ row }) => <LiveAge row={row.original} /> }),
  helper.display({ id: "quality", header: "quality", cell: ({ row }) => <LiveQuality row={row.original} /> }),
  helper.accessor((row) => row.point.address, {
    id: "address",
    header: "address",
    sortFn: "alphanumeric",
    cell: ({ row }) => <AddressCell row={row.original} />,
  }),
  helper.accessor("topic", {
    header: "topic",
    sortFn: "alphanumeric",
    cell: ({ getValue }) => <code style={{ display: "block", minWidth: 170, overflowWrap: "anywhere" }}>{getValue()}</code>,
  }),
]);

type Column = "name" | "device" | "value" | "age" | "quality" | "address" | "topic";

/** Where all points are of one device, the room is for what differs. */
const columnsOfOneDevice = columns.filter(({ id }) => id !== "device");

interface Props extends RowCommands {
  rows: Row[];
}

/** PointGrid shows the points with their live values; cards where the screen is narrow. */
export function PointGrid({ rows, ...commands }: Props) {
  const { t } = useTranslation();
  const narrow = useIsNarrow();
  const oneDevice = rows.every(({ device }) => device === rows[0]?.device);
  const table = useTable({ features, columns: oneDevice ? columnsOfOneDevice : columns, data: rows, initialState: { pagination: { pageIndex: 0, pageSize } } });
  const shown = table.getRowModel().rows;
  return (
    <>
      {narrow ? (
        <PointCards rows={shown.map((row) => row.original)} {...commands} />
      ) : (
        <Paper>
          <Table.ScrollContainer minWidth={940} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
            <Table verticalSpacing={6} horizontalSpacing="sm" highlightOnHover aria-label={t("nav.points")}>
              <Table.Thead>
                {table.getHeaderGroups().map((group) => (
                  <Table.Tr key={group.id}>
                    {group.headers.map((header) => {
                      const sorted = header.column.getIsSorted();
                      const label = t(`point.column.${header.column.id as Column}`);
                      return (
                        <Table.Th key={header.id} aria-sort={sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : undefined}>
                          {header.column.getCanSort() ? (
                            <UnstyledButton fw={650} fz="sm" mih={36} onClick={header.column.getToggleSortingHandler()}>
                              {label}
                              {sorted === "asc" ? " ↑" : sorted === "desc" ? " ↓" : ""}
                            </UnstyledButton>
                          ) : (
                            label
                          )}
                        </Table.Th>
                      );
                    })}
                    <Table.Th>{t("point.column.actions")}</Table.Th>
                  </Table.Tr>
                ))}
              </Table.Thead>
              <Table.Tbody>
                {shown.map((row) => (
                  <Table.Tr key={row.original.key} data-testid={`point-${row.original.key}`}>
                    {row.getAllCells().map((cell) => (
                      <Table.Td key={cell.id}>
                        <table.FlexRender cell={cell} />
                      </Table.Td>
                    ))}
                    <Table.Td>
                      <RowActions row={row.original} {...commands} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Paper>
      )}
      {table.getPageCount() > 1 ? (
        <Group justify="flex-end" mt="sm" gap="sm">
          <Text size="sm" c="dimmed">
            {t("point.page", { page: table.state.pagination.pageIndex + 1, pages: table.getPageCount() })}
          </Text>
          <Button variant="default" disabled={!table.getCanPreviousPage()} onClick={() => table.previousPage()}>
            {t("point.previous")}
          </Button>
          <Button variant="default" disabled={!table.getCanNextPage()} onClick={() => table.nextPage()}>
            {t("point.next")}
          </Button>
        </Group>
      ) : null}
    </>
  );
}

function NameCell({ row }: { row: Row }) {
  return (
    <div>
      <Text fw={600} size="sm">
        {row.name}
      </Text>
      <Text size="xs" c="dimmed" className="mono">
        {row.point.id}
      </Text>
    </div>
  );
}

function AddressCell({ row }: { row: Row }) {
  const { t, i18n } = useTranslation();
  const { address, type, byteOrder, scale, offset } = row.point;
  const number = new Intl.NumberFormat(i18n.language, { maximumSignificantDigits: 6 });
  return (
    <div>
      <code>{address}</code>
      <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
        {[type, byteOrder].filter(Boolean).join(" ")}
      </Text>
      {scale || offset ? (
        <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
          {t("point.scaled", { scale: number.format(scale || 1) })}
          {offset ? ` + ${number.format(offset)}` : ""}
        </Text>
      ) : null}
    </div>
  );
}
