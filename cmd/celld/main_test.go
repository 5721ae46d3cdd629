package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUsageAndConfigurationExitWith2(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"bogus"}, `unknown command "bogus"`},
		{[]string{"serve", "--bogus"}, "unknown flag: --bogus"},
		{[]string{"serve"}, "--config: is missing"},
		{[]string{"serve", "extra"}, `unknown command "extra"`},
		{[]string{"serve", "--config", filepath.Join(dir, "none.yaml")}, "no such file"},
		{[]string{"dev", "--listen", "h:nowhere"}, "is not HOST:PORT"},
		{[]string{"dev", "--log-level", "loud"}, "--log-level: "},
		{[]string{"init"}, "--dir: is missing"},
		{[]string{"check"}, "--dir: is missing"},
		{[]string{"check", "--dir", filepath.Join(dir, "none")}, "there is no data directory"},
		{[]string{"init", "--dir", dir, "--replicas", "4"}, "4 is even"},
		{[]string{"init", "--dir", dir, "--replicas", "5", "--hosts", "a,b,c"}, "--replicas: 5, but --hosts names 3"},
		{[]string{"init", "--dir", dir, "--listen", "a:1", "--hosts", "a,b,c"}, "--listen: "},
		{[]string{"init", "--dir", dir, "--cell", "a/b"}, "cell: "},
	} {
		var out, errs bytes.Buffer
		require.Equal(t, 2, celld(context.Background(), c.args, &out, &errs), c.args)
		require.Contains(t, errs.String(), c.says, c.args)
		require.Empty(t, out.String(), c.args)
	}
}

func TestInitSaysWhatToStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cell")
	var out, errs bytes.Buffer
	code := celld(context.Background(), []string{"init", "--dir", dir, "--replicas", "1"}, &out, &errs)
	require.Equal(t, 0, code)
	require.Contains(t, out.String(), "celld serve --config "+dir+"/replica-1.yaml")
	require.Contains(t, errs.String(), "warning: one replica")
}

func TestVersionNamesTheFormat(t *testing.T) {
	var out, errs bytes.Buffer
	require.Equal(t, 0, celld(context.Background(), []string{"version"}, &out, &errs))
	require.Regexp(t, `^celld \S+ go\S+ format 1\n$`, out.String())
}

func TestDevSaysWhenItServesAndLeavesNothingBehind(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- celld(ctx, []string{"dev", "--listen", "127.0.0.1:0", "--log-level", "error"}, w, io.Discard)
		_ = w.Close()
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	require.NoError(t, err)
	require.Regexp(t, `^cell local is serving: master replica [1-5], epoch \d+, `+
		`clients at (127\.0\.0\.1:\d+,?){5}\n$`, line)
	stop()
	require.Equal(t, 0, <-code)
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestWhatIsNotUsageExitsWith1(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cell")
	var out, errs bytes.Buffer
	ctx := t.Context()
	require.Equal(t, 0, celld(ctx, []string{"init", "--dir", dir, "--replicas", "3"}, &out, &errs))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data-1", "birth"), []byte("junk"), 0o600))
	require.Equal(t, 1, celld(ctx, []string{"serve", "--config", filepath.Join(dir, "replica-1.yaml")}, &out, &errs))
	require.Contains(t, errs.String(), "birth")
}
