package config

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

// Any text of a configuration file is taken, or refused as a usage error that names the file.
func FuzzB5_File(f *testing.F) {
	for _, s := range []string{
		"", "cell: local\n", "replicas:\n  - {id: 1, client: a:1, peer: a:2, http: a:3}\n", "limits: {value: 1}\n",
		"tls: {cert: x}\n", "cell: [a]\n", "cell: a\ncell: b\n", "---\n---\n", "a: &a [*a]\n", "? {}\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		err := (&file{path: "celld.yaml", to: &Config{}}).parse(text)
		if err != nil {
			require.ErrorIs(t, err, cell.ErrUsage)
			require.ErrorContains(t, err, "celld.yaml")
		}
	})
}
