package cell

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Any text is a name, and then its parts make it up again, or it is refused as one.
func FuzzB5_ParseName(f *testing.F) {
	for _, s := range []string{
		"", "/", "/ls/", "/ls/local", "/ls/local/", "/ls//a", "/ls/local/a/b", "/ls/local/..", "/ls/local/ä",
		"/ls/local/\x00", "/ls/local/\xff", "/ls" + strings.Repeat("/a", 65), "/ls/" + strings.Repeat("x", 256),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseName(s)
		if err != nil {
			require.ErrorIs(t, err, ErrBadName)
			require.Empty(t, n)
			return
		}
		require.Equal(t, s, string(n))
		parts := strings.Split(s, "/")[2:]
		require.Equal(t, parts[0], n.Cell())
		require.Equal(t, len(parts), n.Depth())
		require.LessOrEqual(t, n.Depth(), MaxNameDepth)
		require.LessOrEqual(t, len(n), MaxNameBytes)
		require.True(t, n.Covers(n))
		up, ok := n.Parent()
		require.Equal(t, ok, !n.IsRoot())
		if !ok {
			return
		}
		require.True(t, up.Covers(n))
		require.False(t, n.Covers(up))
		back, err := up.Child(n.Base())
		require.NoError(t, err)
		require.Equal(t, n, back)
	})
}

// Whatever the text forms of ids and proofs accept comes back from what they print.
func FuzzB5_TextForms(f *testing.F) {
	for _, s := range []string{
		"", "0", "1.2", "42", "x:1:2:3:/ls/local/a", "s:1:2:3:/ls/local", "x:-1:2:3:/ls/local/a", "x:1:2:3:", "4294967296.1",
		"18446744073709551616", "01020300000000000000000000000000",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if q, err := ParseSequencer(s); err == nil {
			back, err := ParseSequencer(q.String())
			require.NoError(t, err)
			require.Equal(t, q, back)
		}
		if z, err := ParseZxid(s); err == nil {
			back, err := ParseZxid(z.String())
			require.NoError(t, err)
			require.Equal(t, z, back)
		}
		if id, err := ParseSessionID(s); err == nil {
			require.NotZero(t, id)
			back, err := ParseSessionID(id.String())
			require.NoError(t, err)
			require.Equal(t, id, back)
		}
		if id, err := ParseCellID(s); err == nil {
			require.Equal(t, strings.ToLower(s), id.String())
		}
	})
}

// Any text is an ACL, or is refused with the line that is wrong; a line more lists one principal more, and
// takes nobody out.
func FuzzB5_ParsePrincipals(f *testing.F) {
	for _, s := range []string{
		"", "*", "ann\nbea", "# nobody", " ann \r\n\n*", "a*", "\x00", "\xff", "ann\t", strings.Repeat("x", 513),
		"spiffe://cell/ann", "\u2028",
	} {
		f.Add(s, "ann")
	}
	f.Fuzz(func(t *testing.T, text, who string) {
		p, err := ParsePrincipals([]byte(text))
		if err != nil {
			require.ErrorIs(t, err, ErrUsage)
			require.ErrorContains(t, err, "line ")
			require.True(t, p.None())
			return
		}
		again, err := ParsePrincipals([]byte(text + "\n" + text))
		require.NoError(t, err)
		require.True(t, p.Equal(again))
		more, err := ParsePrincipals([]byte(text + "\n" + who))
		if err != nil {
			return
		}
		require.True(t, more.Has(who) || !p.Has(who))
		for _, line := range strings.Split(who, "\n") {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				require.True(t, more.Has(line), "%q", line)
			}
		}
	})
}
