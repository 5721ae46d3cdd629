package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/cmd/cellctl/out"
	"github.com/leasehold/leasehold/cmd/cellctl/run"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// outcome is what one command line did.
type outcome struct {
	exit     int
	out, err string
}

// typed runs a command line in this process.
func typed(t *testing.T, env map[string]string, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	exit := cellctl(args, surroundings{
		in: strings.NewReader(""), out: &out, err: &errs,
		env: func(k string) (string, bool) { v, ok := env[k]; return v, ok },
	})
	return outcome{exit, out.String(), errs.String()}
}

// deadEnd is an address at which nobody listens.
func deadEnd(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

func TestUsageErrorsSayWhatAndExitWith2(t *testing.T) {
	const n = "/ls/local/a"
	for _, c := range []struct{ line, says string }{
		{"bogus", `unknown command "bogus"`},
		{"get", "NAME is missing"},
		{"get a", "a name begins with /ls/CELL"},
		{"get /ls", "a name begins with /ls/CELL"},
		{"get " + n + " b", `"b" is one argument too many`},
		{"get " + n + " --bogus", "unknown flag: --bogus"},
		{"get " + n + " -o xml", `-o "xml" is not table, json, jsonl or value`},
		{"stat " + n + " -o value", "-o value is for get, ls and create"},
		{"get " + n + " --timeout 0s", "--timeout must be above 0"},
		{"get " + n + " --endpoints here", `--endpoints: "here" is not HOST:PORT`},
		{"put " + n, "VALUE is missing: cellctl put NAME VALUE|-"},
		{"put " + n + " v --if-held junk", `sequencer "junk"`},
		{"put " + n + " v --if-generation -1", "if-generation"},
		{"put " + n + " v --if-generation x", `--if-generation wants a decimal number, and "x" is none; see cellctl put`},
		{"lock break " + n + " --token x", `--token wants a decimal number, and "x" is none; see cellctl lock break --help`},
		{"completion", "bash, fish, powershell, zsh"},
		{"completion foo", "bash, fish, powershell, zsh"},
		{"seq", "cellctl seq does nothing by itself, it has check; see cellctl seq --help"},
		{"acl foo", `unknown command "foo": cellctl acl has check, get, set; see cellctl acl --help`},
		{"lock --", "NAME is missing"},
		{"create " + n + " v w", "one argument too many"},
		{"create " + n + "/", "empty component"},
		{"watch " + n + " --children -r", "one of them"},
		{"status now", "one argument too many"},
		{"locks a", "a name begins with"},
		{"lock", "NAME is missing"},
		{"lock " + n + " sleep 1", "write: cellctl lock " + n + " -- sleep 1"},
		{"lock " + n + " ls -x", "if it is COMMAND's, write: cellctl lock NAME -- COMMAND"},
		{"lock " + n + " --try --wait 1s", "--try does not wait"},
		{"lock " + n + " --wait 0s", "--wait must be above 0"},
		{"lock " + n + " --lock-delay -2s", "--lock-delay must not be below 0"},
		{"lock " + n + " --kill-after -2s", "--kill-after must not be below 0"},
		{"lock " + n + " -E 256", "no exit code"},
		{"lock show", "NAME is missing"},
		{"session", "does nothing by itself"},
		{"session drop", "drop"},
		{"seq check", "one SEQUENCER is wanted"},
		{"seq check x:1:2:3", "is not x:TOKEN:HOLD:INSTANCE:NAME"},
		{"seq check x:1:2:3:/ls", "bad name"},
	} {
		got := typed(t, nil, strings.Fields(c.line)...)
		require.Equal(t, 2, got.exit, "%s: %s", c.line, got.err)
		require.Contains(t, got.err, c.says, c.line)
		require.Equal(t, 1, strings.Count(got.err, "\n"), "one line: %s", got.err)
		require.LessOrEqual(t, strings.Count(got.err, "--help"), 1, got.err)
		require.Empty(t, got.out, c.line)
	}
}

func TestWithACommandWhateverIsOursExitsWith125(t *testing.T) {
	dead := "--endpoints=" + deadEnd(t)
	for _, line := range []string{
		"lock -- true", "lock bad -- true", "lock /ls/local/a --bogus -- true", "lock /ls/local/a b -- true",
		"create bad --ephemeral -- true",
		"lock /ls/local/a --timeout 300ms " + dead + " -- true",
		"create /ls/local/a --ephemeral --timeout 300ms " + dead + " -- true",
	} {
		got := typed(t, nil, strings.Fields(line)...)
		require.Equal(t, run.ExitWrapper, got.exit, "%s: %s", line, got.err)
		require.NotEmpty(t, got.err)
	}
}

func TestTheRightLineIsQuotedForTheShell(t *testing.T) {
	got := typed(t, nil, "lock", "/ls/local/a", "sh", "it's; rm")
	require.Contains(t, got.err, `cellctl lock /ls/local/a -- sh 'it'\''s; rm'`)
}

func TestWithoutAMasterTheExitIs6AndSaysWhy(t *testing.T) {
	dead := deadEnd(t)
	env := map[string]string{endpointsVariable: dead}
	for _, line := range []string{"get /ls/local/a", "put /ls/local/a v", "ls /ls/local", "watch /ls/local/a",
		"session ls", "locks /ls/local", "seq check x:1:2:3:/ls/local/a", "lock /ls/local/a"} {
		got := typed(t, env, append(strings.Fields(line), "--timeout", "300ms")...)
		require.Equal(t, 6, got.exit, "%s: %s", line, got.err)
		require.Contains(t, got.err, dead, line)
	}
}

func TestErrorsAreObjectsWhereProgramsRead(t *testing.T) {
	dead := deadEnd(t)
	got := typed(t, nil, "get", "/ls/local/a", "-o", "json", "--timeout", "300ms", "--endpoints", dead)
	var o struct {
		Error, Code string
		Exit        int
		Outcome     string
		Endpoints   []struct{ Endpoint, Error string }
	}
	require.NoError(t, json.Unmarshal([]byte(got.err), &o), got.err)
	require.Equal(t, "no_master", o.Code)
	require.Equal(t, 6, o.Exit)
	require.Equal(t, "not_applied", o.Outcome)
	require.Len(t, o.Endpoints, 1)
	require.Equal(t, dead, o.Endpoints[0].Endpoint)

	got = typed(t, nil, "get", "-o", "json")
	require.JSONEq(t, `{"error":"NAME is missing: cellctl get NAME [flags]; see cellctl get --help",
		"code":"usage","exit":2,"outcome":null,"endpoints":[]}`, got.err)
}

func TestExitCodesOfTheCatalogueAndOfOurTimeouts(t *testing.T) {
	unknown := &client.OpError{Outcome: client.Unknown, Err: context.DeadlineExceeded}
	for exit, err := range map[int]error{
		3: cell.ErrNotFound, 4: fmt.Errorf("x: %w", cell.ErrGeneration), 5: &client.HeldError{}, 7: cell.ErrDenied,
		6: &client.OpError{Err: context.DeadlineExceeded}, 8: unknown, 1: errors.New("others"), 2: usagef("x"),
	} {
		require.Equal(t, exit, exitOf(err))
	}
	require.Equal(t, "no_master", codeOf(&client.OpError{Err: context.DeadlineExceeded}))
	require.Equal(t, "outcome_unknown", codeOf(unknown))
}

func TestSignalsEndWithTheirNumber(t *testing.T) {
	for s, exit := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		signals := make(chan os.Signal, 2)
		a := &app{surroundings: surroundings{signals: signals}, understood: true}
		ctx, release := a.interruptible()
		signals <- syscall.SIGWINCH // ends nothing
		signals <- s
		<-ctx.Done()
		release()
		require.Equal(t, exit, a.finish(ctx, &cobra.Command{}, context.Cause(ctx)))
	}
}

func TestAfterReleaseTheSignalsAreLeftToTheNextReader(t *testing.T) {
	signals := make(chan os.Signal, 1)
	a := &app{surroundings: surroundings{signals: signals}}
	ctx, release := a.interruptible()
	a.quiet()
	signals <- syscall.SIGTERM
	release()
	require.NoError(t, ctx.Err())
	require.Len(t, signals, 1)
}

func TestNotAcquiredIs75OrWhatWasAsked(t *testing.T) {
	for exit, l := range map[int]*lockRequest{
		9:  {name: "/ls/local/a", try: true, notAcquired: 9},
		75: {name: "/ls/local/a", wait: time.Minute, notAcquired: run.ExitNotAcquired},
	} {
		var e *ended
		require.ErrorAs(t, l.notGot(&client.HeldError{}), &e)
		require.Equal(t, exit, e.exit)
		require.Equal(t, "locked", codeOf(e.why))
	}
}

func TestAKillAfterThatLeavesNothingOfTheHoldIsAUsageError(t *testing.T) {
	d := cell.DefaultLengths() // half of 12 s, and 5 s
	for _, c := range []struct {
		kill, delay time.Duration
		fits        bool
	}{
		{11 * time.Second, -1, false}, {11*time.Second - 1, -1, true},
		{6 * time.Second, 0, false}, {5 * time.Second, 0, true},
		{66 * time.Second, time.Hour, false}, // no cell grants that lock-delay
	} {
		l := lockRequest{command: []string{"true"}, killAfter: c.kill, delay: c.delay}
		if err := l.fits(d); c.fits {
			require.NoError(t, err, c)
		} else {
			require.ErrorIs(t, err, cell.ErrUsage, c)
		}
		l.command = nil
		require.NoError(t, l.fits(d), "without COMMAND nothing is killed")
	}
}

func TestCommandIsToldWhatItHolds(t *testing.T) {
	a := &app{}
	q, err := cell.ParseSequencer("x:7:6:5:/ls/local/a")
	require.NoError(t, err)
	require.Equal(t, []string{
		"CELL_LOCK_NAME=/ls/local/a", "CELL_LOCK_SEQUENCER=x:7:6:5:/ls/local/a", "CELL_LOCK_TOKEN=7", "CELL_SESSION=3",
		"CELLCTL_ENDPOINTS=127.0.0.1:7401,127.0.0.1:7402,127.0.0.1:7403,127.0.0.1:7404,127.0.0.1:7405",
	}, a.environment(out.Held{Name: "/ls/local/a", Session: 3, Sequencer: &q}))
	a.endpoints = []string{"h:1"}
	require.Equal(t, []string{"CELL_LOCK_NAME=/ls/local/e", "CELL_LOCK_SEQUENCER=", "CELL_LOCK_TOKEN=", "CELL_SESSION=3",
		"CELLCTL_ENDPOINTS=h:1"}, a.environment(out.Held{Name: "/ls/local/e", Session: 3}))
}

func TestUsageErrorsAreObjectsWhereverTheFormatStands(t *testing.T) {
	for _, line := range []string{"-o json nosuch", "get /ls/local/a --bogus -o json", "get --bogus --output=json",
		"nosuch -ojson", "completion --output json"} {
		got := typed(t, nil, strings.Fields(line)...)
		require.Equal(t, 2, got.exit, line)
		require.Equal(t, "usage", fields(t, got.err)["code"], line)
	}
	require.Equal(t, out.Table, askedFormat([]string{"lock", "--bogus", "--", "ls", "-o", "json"}))
}

func TestACommandWithoutNameIsTold(t *testing.T) {
	require.Contains(t, typed(t, nil, "lock", "--", "true").err, "NAME is missing")
}

func TestHelpNamesTheCommands(t *testing.T) {
	got := typed(t, nil, "--help")
	require.Equal(t, 0, got.exit)
	for _, word := range []string{"status", "create", "lock", "elect", "member", "master", "cell", "acl", "completion",
		"version"} {
		require.Contains(t, got.out, "\n  "+word)
	}
	require.Contains(t, got.out, "get, set, check")
}

func TestCompletionAndVersionNeedNoCell(t *testing.T) {
	require.Contains(t, typed(t, nil, "completion", "bash").out, "cellctl")
	var v struct {
		Version, Go string
		Format      int
	}
	require.NoError(t, json.Unmarshal([]byte(typed(t, nil, "version", "-o", "json").out), &v))
	require.Equal(t, cell.Format, v.Format)
}

func TestStatusFailsOnlyWhenNobodyAnswers(t *testing.T) {
	one := client.Status{Replicas: []client.ReplicaStatus{{Err: cell.ErrNoMaster}, {Role: "looking"}}}
	require.NoError(t, unanswered(one))
	one.Replicas[1].Err = errors.New("refused")
	require.Equal(t, 6, exitOf(unanswered(one)))
}
