import { asProblem } from "../../../api/problem";
import { useRevisionChanges } from "../../../api/revisions";
import { ProblemAlert } from "../../../components/ProblemAlert";
import { LoadingList } from "../../../components/states";
import { ChangeList } from "./ChangeList";

/** RevisionChanges is what a revision changed. */
export function RevisionChanges({ number }: { number: number }) {
  const changes = useRevisionChanges(number);
  if (changes.isPending) {
    return <LoadingList />;
  }
  return changes.isError ? <ProblemAlert problem={asProblem(changes.error)} /> : <ChangeList changes={changes.data} />;
}
