import { Paper, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useGivenUp } from "../../api/broker";
import { Failed, LoadingList } from "../../components/states";
import { GivenUpTable } from "./GivenUpTable";

/** GivenUpView is what the broker gave up, if anything. */
export function GivenUpView() {
  const { t } = useTranslation();
  const givenUp = useGivenUp();
  if (givenUp.isPending) {
    return <LoadingList />;
  }
  if (givenUp.isError) {
    return <Failed error={givenUp.error} onRetry={() => void givenUp.refetch()} />;
  }
  if (givenUp.data.length === 0) {
    return <Text c="dimmed">{t("givenUp.none")}</Text>;
  }
  return (
    <Paper>
      <GivenUpTable lines={givenUp.data} />
    </Paper>
  );
}
