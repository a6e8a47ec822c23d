import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { FieldChange } from "../../../api/model";
import { unknown } from "../../../lib/format";
import styles from "./ChangeList.module.css";

interface Props {
  label: string;
  fields: readonly FieldChange[];
  /** There was nothing before: a column less. */
  isNew: boolean;
}

/** FieldTable has the fields of one object that differ. */
export function FieldTable({ label, fields, isNew }: Props) {
  const { t } = useTranslation();
  return (
    <Table className={styles.fields} aria-label={label} layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="34%">{t("changes.field")}</Table.Th>
          {isNew ? null : <Table.Th>{t("changes.before")}</Table.Th>}
          <Table.Th>{t("changes.after")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {fields.map(({ field, before, after }) => (
          <Table.Tr key={field}>
            <Table.Td className="mono">{field}</Table.Td>
            {isNew ? null : <Table.Td>{before === "" ? unknown : <del className={styles.before}>{before}</del>}</Table.Td>}
            <Table.Td>{after === "" ? unknown : <ins className={styles.after}>{after}</ins>}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
