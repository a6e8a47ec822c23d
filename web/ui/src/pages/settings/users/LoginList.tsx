import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { asProblem } from "../../../api/problem";
import { useEndLogin, useLogins } from "../../../api/users";
import { ToneBadge } from "../../../components/badges";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { Row, Rows } from "../../../components/Rows";
import { Failed, LoadingList } from "../../../components/states";
import { formatSpan } from "../../../lib/format";
import { formatTime } from "../../../lib/time";
import { useNow } from "../../../lib/useNow";

/** LoginList shows who is logged in, and ends a log-in. */
export function LoginList() {
  const { t, i18n } = useTranslation();
  const logins = useLogins();
  const end = useEndLogin();
  const now = useNow(10_000);
  if (logins.isPending) {
    return <LoadingList />;
  }
  if (logins.isError) {
    return <Failed error={logins.error} onRetry={() => void logins.refetch()} />;
  }
  return (
    <>
      {end.error ? <ProblemAlert problem={asProblem(end.error)} /> : null}
      <Rows label={t("logins.title")}>
        {logins.data.map(({ id, user, address, since, used, own }) => (
          <Row
            key={id}
            name={
              <>
                {user.name}
                {own ? <ToneBadge tone="calm" text={t("logins.own")} /> : null}
              </>
            }
            facts={[
              address,
              t("logins.since", { time: formatTime(since, i18n.language) }),
              t("logins.used", { span: formatSpan(now - Date.parse(used), i18n.language) }),
            ]}
            actions={
              <Button variant="default" size="compact-md" loading={end.isPending && end.variables === id} onClick={() => end.mutate(id)} aria-label={t("logins.endOf", { name: user.name, address })}>
                {t("logins.end")}
              </Button>
            }
          />
        ))}
      </Rows>
    </>
  );
}
