import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Token } from "../../../api/model";
import { useRemoveToken, useTokens } from "../../../api/users";
import { ToneBadge } from "../../../components/badges";
import { ConfirmDelete } from "../../../components/ConfirmDelete";
import { IconButton } from "../../../components/IconButton";
import { IconAdd, IconDelete, IconKey } from "../../../components/icons";
import { PageHeader } from "../../../components/PageHeader";
import { Row, Rows } from "../../../components/Rows";
import { ShownOnce } from "../../../components/ShownOnce";
import { Empty, Failed, LoadingList } from "../../../components/states";
import { formatSpan } from "../../../lib/format";
import { formatTime } from "../../../lib/time";
import { useNow } from "../../../lib/useNow";
import { useParam } from "../../../lib/useParam";
import { TokenDrawer } from "./TokenDrawer";

export function TokensPage() {
  const { t } = useTranslation();
  const tokens = useTokens();
  const remove = useRemoveToken();
  const [edit, setEdit] = useParam("edit");
  const [doomed, setDoomed] = useState<Token>();
  const [made, setMade] = useState<string>();
  const add = (
    <Button leftSection={<IconAdd size={18} />} onClick={() => setEdit("+")}>
      {t("token.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("settings.tokens")} text={t("token.text")} actions={add} />
      {tokens.isPending ? <LoadingList /> : null}
      {tokens.isError ? <Failed error={tokens.error} onRetry={() => void tokens.refetch()} /> : null}
      {tokens.data?.length === 0 ? <Empty icon={<IconKey size={40} />} title={t("token.empty")} text={t("token.emptyText")} action={add} /> : null}
      {tokens.data && tokens.data.length > 0 ? <List tokens={tokens.data} onDelete={setDoomed} /> : null}
      {edit === "+" ? <TokenDrawer onClose={() => setEdit("")} onMade={setMade} /> : null}
      <ShownOnce title={t("token.madeTitle")} text={t("token.madeText")} label={t("token.secret")} secret={made} onClose={() => setMade(undefined)} />
      <ConfirmDelete
        name={doomed?.name}
        consequence={t("token.deleteText")}
        deleting={remove.isPending}
        error={remove.error}
        onCancel={() => {
          remove.reset();
          setDoomed(undefined);
        }}
        onConfirm={() => doomed && remove.mutate(doomed.id, { onSuccess: () => setDoomed(undefined) })}
      />
    </>
  );
}

function List({ tokens, onDelete }: { tokens: readonly Token[]; onDelete: (token: Token) => void }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const now = useNow(10_000);
  const over = ({ expires }: Token) => expires !== undefined && Date.parse(expires) <= now;
  return (
    <Rows label={t("settings.tokens")}>
      {tokens.map((token) => (
        <Row
          key={token.id}
          name={
            <>
              {token.name}
              {over(token) ? <ToneBadge tone="off" text={t("token.over")} /> : null}
            </>
          }
          facts={[
            t(`scope.${token.scope}` as "scope.read"),
            t("token.made", { author: token.author, time: formatTime(token.created, language) }),
            token.expires ? t("token.ends", { time: formatTime(token.expires, language) }) : t("token.forever"),
            token.used ? t("logins.used", { span: formatSpan(now - Date.parse(token.used), language) }) : t("token.unused"),
          ]}
          actions={
            <IconButton label={t("common.deleteNamed", { name: token.name })} onClick={() => onDelete(token)}>
              <IconDelete />
            </IconButton>
          }
        />
      ))}
    </Rows>
  );
}
