package report

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/tools/bench/measure"
)

func small() *Report {
	result := func(system string, round int, rate, p99 float64) measure.Result {
		return measure.Result{System: system, Case: "write 1×1", Round: round, Values: []measure.Value{
			{Name: "rate", Unit: measure.PerSecond, X: rate}, {Name: "p99", Unit: measure.Millis, X: p99}}}
	}
	at := time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)
	return &Report{Began: at, Ended: at.Add(time.Hour), Command: "go run . -quick", Rounds: 2,
		Machine: []string{"two cores"}, Notes: []string{"closed loops"},
		Systems: []System{{Name: "ours", Facts: []string{"commit 1"}}, {Name: "theirs"}, {Name: "gone", Missing: "no jar"}},
		Cases:   []string{"write 1×1", "read"},
		Results: []measure.Result{result("ours", 1, 900, 2), result("theirs", 1, 500, 8), result("ours", 2, 1100, 2),
			{System: "theirs", Case: "write 1×1", Round: 2, Error: "it broke"}}}
}

func TestReportHasTablesRatiosAndFailures(t *testing.T) {
	var b strings.Builder
	require.NoError(t, small().Write(&b))
	for _, line := range []string{
		"Measured 2026-01-02 03:04 to 04:04 UTC. To repeat, in tools/bench: `go run . -quick`",
		"- two cores",
		"- **gone** left out: no jar",
		"| write 1×1 | rate | 1000 /s | 2.00 | – |",
		"| write 1×1 | p99 | 2.00 ms | 4.00 | – |",
		"| system | rate /s | p99 ms | rounds |",
		"| ours | 1000 (900–1100) | 2.00 | 2 |",
		"| theirs | 500 | 8.00 | 1 |",
		"| gone | – | – | 0 |",
		"Nothing was measured.",
		"- theirs, write 1×1, round 2: it broke",
	} {
		require.Contains(t, b.String(), line+"\n")
	}
}

func TestNumberHasThreeDigits(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 12345.6: "12346", 99.96: "100.0", 12.34: "12.3", 1.234: "1.23",
		0.00123456: "0.00123", -250: "-250"} {
		require.Equal(t, want, number(x))
	}
}

func TestPlotIsWellFormedAndLeavesOutWhatHasNoRate(t *testing.T) {
	var b strings.Builder
	require.NoError(t, small().Plot(&b))
	decoder, rects := xml.NewDecoder(strings.NewReader(b.String())), 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if element, ok := token.(xml.StartElement); ok && element.Name.Local == "rect" {
			rects++
		}
	}
	require.Equal(t, 3, rects, "the ground and two bars")
	require.NotContains(t, b.String(), "gone")
	require.NotContains(t, b.String(), ">read<")
}

func TestCurvesAreOfWhatHasSeveralNumbersOfSessions(t *testing.T) {
	r := small()
	var b strings.Builder
	require.NoError(t, r.Curves(&b))
	require.NotContains(t, b.String(), "polyline", "one number of sessions is no curve")
	r.Cases = append(r.Cases, "write 64×1", "write 64×16")
	r.Results = append(r.Results, measure.Result{System: "ours", Case: "write 64×1", Round: 1, Values: []measure.Value{
		{Name: "rate", Unit: measure.PerSecond, X: 9000}, {Name: "p99", Unit: measure.Millis, X: 7}}})
	b.Reset()
	require.NoError(t, r.Curves(&b))
	require.NoError(t, xml.Unmarshal([]byte(b.String()), new(struct{})))
	require.Equal(t, 4, strings.Count(b.String(), "<polyline"), "two systems: rate and p99, and no median")
	require.Contains(t, b.String(), "write: per second, over sessions")
}

func TestABusyMachineIsWarnedOf(t *testing.T) {
	require.Equal(t, "0.40", busy("0.40 0.1 0.1 1/2 3", 2))
	require.Contains(t, busy("1.40 0.1 0.1 1/2 3", 2), "WARNING")
	require.Equal(t, "unknown", busy("", 2))
}
