package drivers_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pitfall is one way in which Modbus masters and serial drivers go wrong, with the tests that show that we do not.
type pitfall struct {
	what string
	// tests are folders under the root of the tree, and the tests in them.
	tests map[string]string
	// open is what is not shown yet.
	open string
}

const (
	inModbus = "drivers/modbus"
	inLine   = "drivers/line"
	inPoller = "gateway/poller"
	inSerial = "drivers/serial"
	inValue  = "drivers/value"
	inHere   = "drivers"
	inMemory = "gateway/memory"
)

var pitfalls = [...]pitfall{
	1: {what: "a late reply is taken for the answer to the next request", tests: map[string]string{
		inModbus: "TestLateReplyIsNotTheNextAnswer TestNoWrongValueOnABadWire TestNoWrongValueWithOvertakenReplies",
	}},
	2: {what: "descriptors above 1024", tests: map[string]string{inLine: "TestHighDescriptors"}},
	3: {what: "a write after the close hits another file", tests: map[string]string{inLine: "TestNothingIsWrittenAfterClose"}},
	4: {what: "unplugged while reading, writing, idle; back under another name", tests: map[string]string{
		inHere: "TestUnplugAndReplug TestAnAbsentPortCostsLittle", inModbus: "TestBrokenWire", inPoller: "TestALostWireMakesPointsBadOnceAndNeverRepeatsTheOldValue",
	}},
	5: {what: "a dead slave starves the line", tests: map[string]string{
		inPoller: "TestADeadDeviceTakesLittleOfTheWire TestTheLivingKeepTheirRateNextToTheDead", inHere: "TestThreeDeadOfTenOnALine",
	}},
	6: {what: "an illegal address in a merged block", tests: map[string]string{
		inModbus: "TestHoleIsLearned TestWrongPointStandsAlone TestLimitIsLearned TestRefusedTagIsNotLearned TestSilentAddress " +
			"TestWhatWasLearnedIsPassedOn TestWhatWasLearnedIsTriedAgain",
		inPoller: "TestWhatIsLearnedIsNotedAndToldAgain", inMemory: "TestWhatWasLearnedSurvivesARestart",
	}},
	7: {what: "a write waits behind polls, or starves them", tests: map[string]string{
		inPoller: "TestAWriteGoesBeforeThePolls TestAStormOfWritesDoesNotStopThePolling",
	}},
	8: {what: "checksum and parity errors", tests: map[string]string{
		inModbus: "TestFlippedBits TestParityErrors", inPoller: "TestDamageIsCounted",
	}},
	9: {what: "noise around and in a frame", tests: map[string]string{
		inModbus: "TestNoiseBeforeAReply TestNoWrongValueOnABadWire",
	}},
	10: {what: "truncated frames, drips, pauses in a frame", tests: map[string]string{
		inModbus: "TestRepliesInParts TestDeadlineIsAbsolute TestNoWrongValueOnABadWire",
	}},
	11: {what: "wrong unit, function, or an exception for another one", tests: map[string]string{inModbus: "TestForeignReplies"}},
	12: {what: "wrong byte counts and echoes", tests: map[string]string{
		inModbus: "TestForeignReplies TestForeignEcho FuzzRTU FuzzASCII FuzzTCP",
	}},
	13: {what: "exceptions: in parts, busy, the gateway's own", tests: map[string]string{
		inModbus: "TestExceptions TestBusyIsAskedAgain", inPoller: "TestADeviceThatAnswersWithErrorsIsAlive",
	}},
	14: {what: "half-open connections, and devices that take one only", tests: map[string]string{
		inModbus: "TestHalfOpenConnection TestBrokenWire", inHere: "TestOneConnectionAtATime",
	}},
	15: {what: "transaction ids: late, twice, out of order, over the wrap, 0", tests: map[string]string{
		inModbus: "TestLateTCPReply TestTransactionIDs TestAnswersAsAnotherUnit",
	}},
	16: {what: "many at once on one line", tests: map[string]string{inHere: "TestEverybodyAtOnce"}},
	17: {what: "no silence between frames", tests: map[string]string{inModbus: "TestSilenceBetweenFrames"}},
	18: {what: "overlapping, nested and long items, the end of the table", tests: map[string]string{
		inModbus: "TestPlanIsOptimal TestPlanCoversNestedItems TestPlanAtTheEndOfTheTable",
	}},
	19: {what: "orders, types, values that are none", tests: map[string]string{
		inValue: "TestVectors TestUnknownIsNull TestRoundTrip",
	}},
	20: {what: "writes that cannot be, that are lost, that do not hold", tests: map[string]string{
		inModbus: "TestWriteRefusesWhatCannotBe TestWriteWithoutAnswer TestWriteThatTheDeviceChanges TestWriteReadsBack",
	}},
	21: {what: "a broadcast waits for a reply", tests: map[string]string{inModbus: "TestBroadcast"}},
	22: {what: "another master on the line", tests: map[string]string{
		inModbus: "TestAnotherMasterOnTheLine TestNoDoubtWithoutAnotherMaster", inPoller: "TestADoubtShowsInTheState",
	}},
	23: {what: "wrong settings, permissions, a port in use", tests: map[string]string{
		inModbus: "TestWrongSettingsAreNamed", inLine: "TestWhyAPortDoesNotOpen TestOpenSaysWhatToDo TestPortIsExclusive TestMiniUARTHasNoParity",
	}},
	24: {what: "the clock is set", tests: map[string]string{inPoller: "TestAClockStepMovesNoPoll"}},
	25: {what: "listing ports opens them", tests: map[string]string{inLine: "TestListingOpensNoPort TestPortIsExclusive"}},
	26: {what: "floods, no end of a line, zeros, cut characters", tests: map[string]string{
		inSerial: "TestAFloodEndsWithTheLastValue TestSplitterIsBounded TestSplitterFindsLines TestSplitterDropsALineWithoutBeginning TestFirstLineAfterAPause",
	}},
	27: {what: "telegrams with a checksum, dialogues, a change of the rate", tests: map[string]string{
		inSerial: "TestP1Telegrams TestP1TelegramsWithFlippedBits TestMeterIsReadOut TestSensorMeasures TestSensorThatAnswersWrongly TestRequest",
		inPoller: "TestALongAnswerHoldsNobodyElseUp TestDamageIsCounted",
	}},
	28: {what: "idle connections are closed, devices start again, all begin at once", tests: map[string]string{
		inPoller: "TestAConnectionThatIsClosedBetweenPollsCostsNothing TestAWireThatNeverWorksIsPaced TestAStartIsSpread",
	}},
}

var testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)

// Each pitfall has tests, and they exist, or it says what is missing.
func TestEachPitfallHasItsTests(t *testing.T) {
	if len(pitfalls) != 29 {
		t.Errorf("%d pitfalls, want 28", len(pitfalls)-1)
	}
	for number, p := range pitfalls[1:] {
		if p.what == "" || len(p.tests) == 0 && p.open == "" {
			t.Errorf("pitfall %d has neither tests nor an explanation", number+1)
		}
		for folder, names := range p.tests {
			there := testsIn(t, folder)
			for _, name := range strings.Fields(names) {
				if !there[name] {
					t.Errorf("pitfall %d: there is no %s in %s", number+1, name, folder)
				}
			}
		}
	}
}

func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", folder, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	found := map[string]bool{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range testFunction.FindAllStringSubmatch(string(source), -1) {
			found[match[1]] = true
		}
	}
	return found
}
