package main

import (
	"bytes"
	"context"
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
