package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/wal"
	"github.com/stretchr/testify/require"
)

const head = `cell: local
id: 2
dir: data-2
replicas:
  - {id: 3, client: "h:3", peer: "h:13", http: "h:23"}
  - {id: 1, client: "h:1", peer: "h:11", http: "h:21"}
  - {id: 2, client: "h:2", peer: "h:12", http: "h:22"}
`

// load writes the file and loads it.
func load(t *testing.T, text string, env, flags map[string]string) (Config, string, error) {
	path := filepath.Join(t.TempDir(), "replica.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	c, _, err := Load(Sources{File: path, Env: lookup(env), Flags: flags})
	return c, path, err
}

func lookup(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := env[name]; return v, ok }
}

func TestPrecedenceIsFlagEnvironmentFileDefault(t *testing.T) {
	env := map[string]string{"CELLD_HISTORY": "30", "CELLD_CACHE_LEASE": "2s", "CELLD_SERVICE_HOST": "made up by others"}
	flags := map[string]string{"cache_lease": "1s"}
	c, path, err := load(t, head+"history: 20\nsnapshots_kept: 7\ncache_lease: 2500ms\n", env, flags)
	require.NoError(t, err)
	require.Equal(t, time.Second, c.Lengths.CacheLease, "flag")
	require.Equal(t, 30, c.History, "environment")
	require.Equal(t, 7, c.SnapshotsKept, "file")
	require.Equal(t, int64(64<<20), c.SnapshotLog, "default")
	require.Equal(t, filepath.Join(filepath.Dir(path), "data-2"), c.Dir, "relative to the file")
	require.Equal(t, cell.ReplicaID(1), c.Replicas[0].ID, "sorted")
	require.Equal(t, "h:12", c.Self().Peer)
}

func TestDirectoryOfAFlagCountsFromHere(t *testing.T) {
	c, _, err := load(t, head, nil, map[string]string{"dir": "here"})
	require.NoError(t, err)
	want, err := filepath.Abs("here")
	require.NoError(t, err)
	require.Equal(t, want, c.Dir)
}

func TestB2_EverySettingRoundTripsThroughItsText(t *testing.T) {
	d := Default()
	for _, s := range append(Settings(), limits()...) {
		text := s.Get(&d)
		if s.Key == "id" || s.Key == "dir" {
			continue // no default
		}
		c := Default()
		require.NoError(t, s.Set(&c, text), s.Key)
		require.Equal(t, d, c, s.Key)
		if s.Key != "audit" { // "" is none
			require.Error(t, s.Set(&c, ""), s.Key)
		}
	}
}

func TestB2_LimitsAreKeysOfTheirOwn(t *testing.T) {
	c, _, err := load(t, head+"limits: {value: 1MiB, waiters: 7, outbox: 16MiB, half_open: 9}\n", nil, nil)
	require.NoError(t, err)
	require.Equal(t, 1<<20, c.Limits.Value)
	require.Equal(t, 7, c.Limits.Waiters)
	require.Equal(t, Gate{Connections: 20_000, HalfOpen: 9, Frame: 2 << 20, Outbox: 16 << 20, HTTP: 128}, c.Gate)
}

func TestWhatIsWrongNamesFileLineAndKey(t *testing.T) {
	for text, want := range map[string]string{
		head + "log_levle: debug\n":                      ":8: log_levle: unknown key",
		head + "limits:\n  valu: 3\n":                    ":9: limits.valu: unknown key",
		head + "limits:\n  value: 2MiB\n":                ":9: limits.value: ",
		head + "limits: 3\n":                             ":8: limits: must be keys and values",
		head + "history: 0\n":                            ":8: history: ",
		head + "history: [1]\n":                          ":8: history: must be one value",
		head + "drift: 30%\n":                            ":8: drift: ",
		head + "drift: NaN\n":                            ":8: drift: ",
		head + "lock_delay: 5\n":                         ":8: lock_delay: ",
		head + "log_level: loud\n":                       ":8: log_level: ",
		head + "snapshot_log: 99999999999GiB\n":          ":8: snapshot_log: ",
		head + "id: 3\n":                                 ":8: id: stands twice",
		head + "cache_lease: 20s\n":                      "cache_lease must lie between",
		head + "---\ncell: b\n":                          "more than one document",
		"":                                               "is empty",
		"just text":                                      ":1: must be keys and values",
		"cell: [\n":                                      "did not find",
		strings.Replace(head, "id: 2\n", "", 1):          "id: 0 is not the id of one of the replicas",
		strings.Replace(head, "h:13", "h", 1):            `:5: replicas.peer: "h" is not HOST:PORT`,
		strings.Replace(head, "http:", "htp:", 1):        ":5: replicas.htp: unknown key",
		strings.Replace(head, ", http: \"h:23\"", "", 1): ":5: replicas.http: is missing at id 3",
		strings.Replace(head, "h:13", "h:12", 1):         "address h:12 stands twice",
		strings.Replace(head, "{id: 3", "{id: 1", 1):     "each stands once",
		strings.Replace(head, "local", "a/b", 1):         "has a slash",
		strings.Replace(head, "dir: data-2\n", "", 1):    "dir: is not set",
		head + "# " + strings.Repeat("x", maxFile):       "is longer than",
	} {
		_, path, err := load(t, text, nil, nil)
		require.ErrorIs(t, err, cell.ErrUsage, text[:min(len(text), 400)])
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, path)
	}
}

func TestWhatIsWrongOutsideTheFileNamesFlagOrVariable(t *testing.T) {
	_, _, err := load(t, head, map[string]string{"CELLD_LOG_LEVEL": "loud"}, nil)
	require.ErrorContains(t, err, "CELLD_LOG_LEVEL: ")
	_, _, err = load(t, head, nil, map[string]string{"snapshot_log": "many"})
	require.ErrorContains(t, err, "--snapshot-log: ")
	_, _, err = Load(Sources{File: filepath.Join(t.TempDir(), "none.yaml"), Env: lookup(nil)})
	require.ErrorIs(t, err, cell.ErrUsage)
}

func TestAnEvenNumberOfReplicasIsRefusedWithTheReason(t *testing.T) {
	for n := range 10 {
		warnings, err := checkCount(n)
		switch n {
		case 3, 5, 7:
			require.NoError(t, err)
			require.Empty(t, warnings)
		case 1:
			require.NoError(t, err)
			require.Len(t, warnings, 1)
		default:
			require.Error(t, err, n)
		}
	}
	_, err := checkCount(4)
	require.ErrorContains(t, err, "stands no more failures than 3")
}

func TestPortsOfOneHost(t *testing.T) {
	m, err := OneHost("127.0.0.1:7400", 5)
	require.NoError(t, err)
	require.Equal(t, cell.Member{ID: 5, Client: "127.0.0.1:7405", Peer: "127.0.0.1:7415", HTTP: "127.0.0.1:7425"}, m[4])
}

func TestPortsOfManyHostsAreTheSameOnEach(t *testing.T) {
	m, err := Hosts([]string{"a", "b:70", "[::1]", "a"})
	require.NoError(t, err)
	for i, want := range []string{"a:7401", "b:71", "[::1]:7401", "a:7402"} {
		require.Equal(t, want, m[i].Client)
	}
	for _, bad := range []string{"", ":7400", "a:0", "a:x", "a:65530", "a:b:c:1"} {
		_, err := Hosts([]string{bad})
		require.ErrorIs(t, err, cell.ErrUsage, bad)
	}
}

func TestZ11_InitWritesFilesThatLoadAndBirthRecordsOfOneCell(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "cell")
	m, err := OneHost("127.0.0.1:7400", 3)
	require.NoError(t, err)
	warnings, err := Init(dir, "yes", m, false)
	require.NoError(t, err)
	require.Empty(t, warnings)
	var id cell.CellID
	for _, r := range m {
		c, _, err := Load(Sources{File: FileOf(dir, r.ID), Env: lookup(nil)})
		require.NoError(t, err)
		want := Default()
		want.Cell, want.ID, want.Replicas, want.Dir = "yes", r.ID, m, DataDir(dir, r.ID)
		require.Equal(t, want, c)
		b, found, err := wal.ReadBirth(c.Dir)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, r.ID, b.Replica)
		require.Equal(t, "yes", b.Name)
		if r.ID == 1 {
			id = b.Cell
		}
		require.Equal(t, id, b.Cell)
		require.NotZero(t, id)
	}
}

func TestZ11_InitTouchesNothingThatExists(t *testing.T) {
	m, err := OneHost("127.0.0.1:7400", 3)
	require.NoError(t, err)
	for _, there := range []string{"replica-3.yaml", "data-2"} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, there), []byte("mine"), 0o600))
		_, err = Init(dir, "local", m, false)
		require.ErrorIs(t, err, cell.ErrUsage)
		require.ErrorContains(t, err, there)
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, entries, 1)
	}
}

func TestTheLinesOfAFileThatInitWroteMayAllBeUsed(t *testing.T) {
	m, err := OneHost("127.0.0.1:7400", 3)
	require.NoError(t, err)
	full := strings.ReplaceAll(text("local", 1, m, false), "\n# The defaults", "\n## The defaults")
	full = strings.ReplaceAll(full, "\n# ", "\n")
	c, _, err := load(t, strings.ReplaceAll(full, "\n#   ", "\n  "), nil, nil)
	require.NoError(t, err)
	require.Equal(t, Default().Limits, c.Limits)
	require.Equal(t, Default().Lengths, c.Lengths)
}

func TestDevOfAFreshDirectoryIsFiveReplicasOfANewCell(t *testing.T) {
	dir := t.TempDir()
	env := map[string]string{"CELLD_ID": "9", "CELLD_DIR": "elsewhere", "CELLD_HISTORY": "5"}
	o := DevOptions{Dir: dir, Listen: "127.0.0.1:0", Sources: Sources{Env: lookup(env)}}
	for range 2 { // the second time it is there already
		d, _, err := LoadDev(o)
		require.NoError(t, err)
		require.False(t, d.Temporary)
		require.Len(t, d.Replicas, 5)
		for i, c := range d.Replicas {
			require.Equal(t, cell.ReplicaID(i+1), c.ID)
			require.Equal(t, filepath.Join(dir, fmt.Sprintf("data-%d", i+1)), c.Dir)
			require.Equal(t, "127.0.0.1:0", c.Self().Client)
			require.Equal(t, 5, c.History)
			_, found, err := wal.ReadBirth(c.Dir)
			require.NoError(t, err)
			require.True(t, found)
		}
	}
}

func TestDevWithoutADirectoryMakesOneForThisRun(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	d, _, err := LoadDev(DevOptions{Sources: Sources{Env: lookup(nil)}})
	require.NoError(t, err)
	require.True(t, d.Temporary)
	require.Equal(t, "127.0.0.1:7401", d.Replicas[0].Self().Client)
	_, _, err = LoadDev(DevOptions{Sources: Sources{Env: lookup(nil), Flags: map[string]string{"cell": "a/b"}}})
	require.ErrorIs(t, err, cell.ErrUsage)
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	require.Len(t, left, 1, "the refused one is removed")
}

func TestDevOfAnInitializedDirectoryFollowsItsFiles(t *testing.T) {
	dir := t.TempDir()
	m, err := OneHost("127.0.0.1:7500", 3)
	require.NoError(t, err)
	_, err = Init(dir, "local", m, false)
	require.NoError(t, err)
	d, _, err := LoadDev(DevOptions{Dir: dir, Sources: Sources{Env: lookup(nil)}})
	require.NoError(t, err)
	require.Len(t, d.Replicas, 3)
	require.Equal(t, m, d.Replicas[2].Replicas)
	_, _, err = LoadDev(DevOptions{Dir: dir, Listen: "127.0.0.1:0", Sources: Sources{Env: lookup(nil)}})
	require.ErrorContains(t, err, "--listen")
}
