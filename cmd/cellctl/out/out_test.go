package out

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client"
	"github.com/stretchr/testify/require"
)

var (
	born    = time.Date(2026, 11, 22, 2, 19, 0, 5e8, time.FixedZone("here", 3600))
	example = cell.Stat{
		Name: "/ls/local/app", Instance: 1<<63 + 1, ContentGeneration: 2, ACLGeneration: 1, ChildrenGeneration: 3,
		Checksum: 1<<64 - 1, Size: 5, Children: 4, Created: born, Modified: born.Add(time.Second),
		Zxid: cell.MakeZxid(5, 42),
	}
	held = client.LockInfo{
		Name: "/ls/local/l", Mode: cell.Exclusive, Generation: 9,
		Holders: []client.Holder{{
			Session: 77, Identity: "a@b:1 job", Address: "10.0.0.1:5", Note: "esc\x1b[2J", Since: born, Token: 21474836522,
			Sequencer: cell.Sequencer{Mode: cell.Exclusive, Grant: 21474836522, Hold: 5, Instance: 4, Name: "/ls/local/l"},
			LeaseLeft: 7200 * time.Millisecond,
		}},
		Waiters: []client.Waiter{
			{Session: 78, Identity: "c@d:2 job", Mode: cell.Shared, Since: born, Waiting: 90 * time.Second},
		},
	}
	delayed = client.LockInfo{Name: "/ls/local/d", DelayLeft: 3210 * time.Millisecond}
)

// printed is what print writes in a format.
func printed(t *testing.T, f Format, print func(Printer) error) string {
	var b bytes.Buffer
	require.NoError(t, print(Printer{&b, f}))
	return b.String()
}

const statText = `"name":"/ls/local/app","instance":"9223372036854775809","content_generation":"2",` +
	`"acl_generation":"1","children_generation":"3","checksum":"18446744073709551615","size":5,"children":4,` +
	`"ephemeral_owner":null,"created":"2026-11-22T01:19:00.500000000Z",` +
	`"modified":"2026-11-22T01:19:01.500000000Z","zxid":"5.42"`

func TestStatIsStableJSON(t *testing.T) {
	stat := func(p Printer) error { return p.Stat(example) }
	require.Equal(t, "{"+statText+"}\n", printed(t, JSONL, stat))
	require.JSONEq(t, "{"+statText+"}", printed(t, JSON, stat))
	owned := example
	owned.EphemeralOwner = 1 << 60
	require.Contains(t, printed(t, JSONL, func(p Printer) error { return p.Stat(owned) }),
		`"ephemeral_owner":"1152921504606846976"`)
	mortal := example
	mortal.Container, mortal.TTL = true, 1500*time.Millisecond
	require.Equal(t, "{"+statText+`,"container":true,"ttl":1.5}`+"\n",
		printed(t, JSONL, func(p Printer) error { return p.Stat(mortal) }))
	require.Contains(t, printed(t, Table, func(p Printer) error { return p.Stat(mortal) }), "time-to-live:         1.5s\n")
}

func TestStatTable(t *testing.T) {
	require.Equal(t, strings.Join([]string{
		"name:                 /ls/local/app",
		"instance:             9223372036854775809",
		"content generation:   2",
		"acl generation:       1",
		"children generation:  3",
		"checksum:             18446744073709551615",
		"size:                 5",
		"children:             4",
		"ephemeral owner:      -",
		"created:              2026-11-22T01:19:00.500000000Z",
		"modified:             2026-11-22T01:19:01.500000000Z",
		"zxid:                 5.42", "",
	}, "\n"), printed(t, Table, func(p Printer) error { return p.Stat(example) }))
}

func TestContentsAreTextOrBase64OrTheBytes(t *testing.T) {
	for bytes, want := range map[string]string{
		"":         `""`,
		"<a> & \n": `"<a> & \n"`,
		"\xff\x00": `{"base64":"/wA="}`,
	} {
		file := func(p Printer) error { return p.File(client.File{Stat: example, Contents: []byte(bytes)}) }
		require.Equal(t, "{"+statText+`,"contents":`+want+"}\n", printed(t, JSONL, file))
		require.Equal(t, bytes, printed(t, Value, file), "the bytes, nothing added")
	}
}

func TestListsAreArraysOrLines(t *testing.T) {
	two := []cell.Stat{example, example}
	list := func(p Printer) error { return p.List(two, false) }
	require.JSONEq(t, "[{"+statText+"},{"+statText+"}]", printed(t, JSON, list))
	require.Equal(t, strings.Repeat("{"+statText+"}\n", 2), printed(t, JSONL, list))
	require.Equal(t, strings.Repeat("/ls/local/app\n", 2), printed(t, Value, list))
	require.Equal(t, strings.Repeat("/ls/local/app\n", 2), printed(t, Table, list))
	require.Equal(t, ""+
		"NAME           SIZE  CHILDREN  GENERATION  OWNER  MODIFIED              ZXID\n"+
		"/ls/local/app  5     4         2           -      2026-11-22T01:19:01Z  5.42\n",
		printed(t, Table, func(p Printer) error { return p.List(two[:1], true) }))
}

func TestNothingIsAnEmptyListNotNull(t *testing.T) {
	for _, print := range []func(Printer) error{
		func(p Printer) error { return p.List(nil, true) },
		func(p Printer) error { return p.Locks(nil) },
		func(p Printer) error { return p.Sessions(nil) },
		func(p Printer) error { return p.Tree("/ls/local", nil) },
	} {
		require.Equal(t, "[]\n", printed(t, JSON, print))
		require.Empty(t, printed(t, JSONL, print))
	}
}

func TestTreeIsDrawn(t *testing.T) {
	var stats []cell.Stat
	for _, n := range []cell.Name{"/ls/local/a", "/ls/local/a/b", "/ls/local/a/b/c", "/ls/local/a/d", "/ls/local/e"} {
		stats = append(stats, cell.Stat{Name: n})
	}
	require.Equal(t, strings.Join([]string{
		"/ls/local",
		"├── a",
		"│   ├── b",
		"│   │   └── c",
		"│   └── d",
		"└── e", "",
	}, "\n"), printed(t, Table, func(p Printer) error { return p.Tree("/ls/local", stats) }))
}

func TestWhatWritingPrints(t *testing.T) {
	made := func(p Printer) error { return p.Made(example) }
	require.Equal(t, "/ls/local/app\n", printed(t, Table, made))
	require.Equal(t, "/ls/local/app\n", printed(t, Value, made))
	require.Equal(t, "{"+statText+"}\n", printed(t, JSONL, made))
	require.Equal(t, "2\n", printed(t, Table, func(p Printer) error { return p.Written(example) }))
	require.Equal(t, `{"name":"/ls/local/app"}`+"\n",
		printed(t, JSONL, func(p Printer) error { return p.Removed(example.Name) }))
}

func TestEventsAreOneLineEach(t *testing.T) {
	for _, c := range []struct {
		event      client.Event
		line, json string
	}{
		{
			client.Event{Kind: client.EventModified, Name: "/ls/local/app", Zxid: example.Zxid, Stat: example,
				Contents: []byte("a\nb")},
			`modified  /ls/local/app 5.42 "a\nb"`,
			`{"kind":"modified","name":"/ls/local/app","zxid":"5.42","stat":{` + statText + `},"contents":"a\nb"}`,
		}, {
			client.Event{Kind: client.EventCreated, Name: "/ls/local/app", Zxid: example.Zxid, Stat: example},
			`created   /ls/local/app 5.42 ""`,
			`{"kind":"created","name":"/ls/local/app","zxid":"5.42","stat":{` + statText + `},"contents":""}`,
		}, {
			client.Event{Kind: client.EventSynced, Name: "/ls/local/app", Zxid: example.Zxid},
			`synced    /ls/local/app 5.42`,
			`{"kind":"synced","name":"/ls/local/app","zxid":"5.42","stat":null,"contents":null}`,
		}, {
			client.Event{Kind: client.EventResync, Name: "/ls/local/app"},
			`resync    /ls/local/app`,
			`{"kind":"resync","name":"/ls/local/app","zxid":null,"stat":null,"contents":null}`,
		},
	} {
		print := func(p Printer) error { return p.Event(c.event) }
		require.Equal(t, c.line+"\n", printed(t, Table, print))
		require.Equal(t, c.json+"\n", printed(t, JSON, print), "json of a stream is an object a line")
		require.Equal(t, c.json+"\n", printed(t, JSONL, print))
	}
}

const lockText = `{"name":"/ls/local/l","mode":"exclusive","generation":"9","holders":[{"session":"77",` +
	`"identity":"a@b:1 job","principal":null,"address":"10.0.0.1:5","note":"esc\u001b[2J",` +
	`"since":"2026-11-22T01:19:00.500000000Z","token":"21474836522",` +
	`"sequencer":"x:21474836522:5:4:/ls/local/l","lease_left":7.2}],"delay_left":null,"waiters":[{"session":"78",` +
	`"identity":"c@d:2 job","principal":null,"mode":"shared","waiting":90}]`

func TestLocksAreStableJSON(t *testing.T) {
	locks := func(p Printer) error { return p.Locks([]client.LockInfo{held, delayed}) }
	free := `{"name":"/ls/local/d","mode":"free","generation":"0","holders":[],"delay_left":3.21,"waiters":[]}`
	require.Equal(t, lockText+"}\n"+free+"\n", printed(t, JSONL, locks))
	require.JSONEq(t, "["+lockText+"},"+free+"]", printed(t, JSON, locks))
	require.JSONEq(t, lockText+`,"history":[]}`, printed(t, JSON, func(p Printer) error { return p.Lock(held) }))
	before := held
	before.History = []client.PastHold{{Session: 76, Identity: "b@c:3 job", Token: 5, Since: born,
		Until: born.Add(time.Second), End: call.EndBroken}}
	require.JSONEq(t, lockText+`,"history":[{"session":"76","identity":"b@c:3 job","token":"5",
		"since":"2026-11-22T01:19:00.500000000Z","until":"2026-11-22T01:19:01.500000000Z","ended":"broken"}]}`,
		printed(t, JSON, func(p Printer) error { return p.Lock(before) }))
}

func TestB1_TablesShowNobodysControlCharacters(t *testing.T) {
	table := printed(t, Table, func(p Printer) error { return p.Locks([]client.LockInfo{held, delayed}) })
	require.NotContains(t, table, "\x1b")
	require.Equal(t, ""+
		"NAME         STATE    MODE       WHO        SESSION  SINCE                 LEFT  TOKEN        NOTE\n"+
		"/ls/local/l  held     exclusive  a@b:1 job  77       2026-11-22T01:19:00Z  7.2s  21474836522  \"esc\\x1b[2J\"\n"+
		"/ls/local/l  waiting  shared     c@d:2 job  78       2026-11-22T01:19:00Z  -     -            -\n"+
		"/ls/local/d  delay    free       -          -        -                     3.2s  -            -\n", table)
}

func TestOneLockTellsAll(t *testing.T) {
	require.Equal(t, strings.Join([]string{
		"name:         /ls/local/l (advisory)",
		"mode:         exclusive",
		"generation:   9",
		"holder:       a@b:1 job",
		"  session:    77",
		"  principal:  -",
		"  address:    10.0.0.1:5",
		`  note:       "esc\x1b[2J"`,
		"  since:      2026-11-22T01:19:00Z",
		"  token:      21474836522",
		"  sequencer:  x:21474836522:5:4:/ls/local/l",
		"  if lost:    lease 7.2s, then its lock-delay",
		"waiter 1:     c@d:2 job session 78 shared, for 1m30s", "",
	}, "\n"), printed(t, Table, func(p Printer) error { return p.Lock(held) }))
	require.Contains(t, printed(t, Table, func(p Printer) error { return p.Lock(delayed) }), "free in 3.2s")
}

func TestWhatCellctlHolds(t *testing.T) {
	lock := Held{Name: "/ls/local/l", Session: 77, Sequencer: &held.Holders[0].Sequencer}
	node := Held{Name: "/ls/local/e", Session: 77}
	print := func(h Held) func(Printer) error { return func(p Printer) error { return p.Held(h) } }
	require.Equal(t, "x:21474836522:5:4:/ls/local/l\n", printed(t, Table, print(lock)))
	require.Equal(t, "/ls/local/e\n", printed(t, Value, print(node)))
	require.Equal(t, `{"name":"/ls/local/l","session":"77","sequencer":"x:21474836522:5:4:/ls/local/l",`+
		`"token":"21474836522"}`+"\n", printed(t, JSONL, print(lock)))
	require.Equal(t, `{"name":"/ls/local/e","session":"77","sequencer":null,"token":null}`+"\n",
		printed(t, JSONL, print(node)))
}

func TestSequencersAreValidOrStale(t *testing.T) {
	require.Equal(t, `{"valid":false}`+"\n", printed(t, JSONL, func(p Printer) error { return p.Valid(false) }))
	require.Equal(t, "valid\n", printed(t, Table, func(p Printer) error { return p.Valid(true) }))
}

func TestStatusShowsReplicaByReplica(t *testing.T) {
	s := client.Status{
		Cell: "local", Master: 2, Epoch: 5, LeaseLeft: 380 * time.Millisecond, Sessions: 3, Locks: 1,
		Replicas: []client.ReplicaStatus{
			{ID: 2, Client: "h:2", Peer: "h:12", Role: "master", Epoch: 5, Zxid: cell.MakeZxid(5, 42)},
			{ID: 3, Client: "h:3", Peer: "h:13", Role: "learner", Epoch: 5, Zxid: cell.MakeZxid(5, 40), Lag: 2,
				Why: "waits to be admitted"},
			{Client: "h:4", Role: "unreachable", Lag: -1, Err: errors.New("refused")},
		},
	}
	secure := s
	secure.Replicas = slices.Clone(s.Replicas)
	secure.Replicas[0].CertificateEnds = time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	require.JSONEq(t, `{"cell":"local","master":2,"epoch":5,"replicas":[
		{"id":2,"client":"h:2","peer":"h:12","role":"master","epoch":5,"zxid":"5.42","lag":0,"error":null,
			"certificate_ends":"2027-01-02T03:04:05.000000000Z"},
		{"id":3,"client":"h:3","peer":"h:13","role":"learner","epoch":5,"zxid":"5.40","lag":2,"error":"waits to be admitted",
			"certificate_ends":null},
		{"id":null,"client":"h:4","peer":null,"role":"unreachable","epoch":null,"zxid":null,"lag":null,"error":"refused",
			"certificate_ends":null}],
		"lease_left":0.38,"sessions":3,"locks":1}`, printed(t, JSON, func(p Printer) error { return p.Status(secure) }))
	require.Contains(t, printed(t, Table, func(p Printer) error { return p.Status(secure) }), ""+
		"REPLICA  CLIENTS  PEERS  ROLE         EPOCH  ZXID  LAG  SAYS                  CERTIFICATE ENDS\n"+
		"2        h:2      h:12   master       5      5.42  0    -                     2027-01-02T03:04:05Z\n"+
		"3        h:3      h:13   learner      5      5.40  2    waits to be admitted  -\n")
	require.Equal(t, ""+
		"REPLICA  CLIENTS  PEERS  ROLE         EPOCH  ZXID  LAG  SAYS\n"+
		"2        h:2      h:12   master       5      5.42  0    -\n"+
		"3        h:3      h:13   learner      5      5.40  2    waits to be admitted\n"+
		"-        h:4      -      unreachable  -      -     -    refused\n"+
		"cell local: master 2, epoch 5, lease left 400ms; 2 of 3 replicas answered; 3 sessions, 1 locks held\n",
		printed(t, Table, func(p Printer) error { return p.Status(s) }))
	again := printed(t, JSON, func(p Printer) error { return p.StatusLine(s) })
	require.Equal(t, 1, strings.Count(again, "\n"), "a picture a line")
	nobody := client.Status{LeaseLeft: -1, Sessions: -1, Locks: -1}
	require.JSONEq(t, `{"cell":null,"master":0,"epoch":null,"replicas":[],"lease_left":null,"sessions":null,"locks":null}`,
		printed(t, JSON, func(p Printer) error { return p.Status(nobody) }))
}

func TestSessionsAreStableJSON(t *testing.T) {
	s := []client.SessionInfo{
		{ID: 77, Identity: "a@b:1 job", Address: "10.0.0.1:5", State: "alive", LeaseLeft: 9 * time.Second, Created: born,
			Locks: []cell.Name{"/ls/local/l"}, Watches: 2},
	}
	require.Equal(t, `{"id":"77","identity":"a@b:1 job","principal":null,"address":"10.0.0.1:5","state":"alive",`+
		`"lease_left":9,"created":"2026-11-22T01:19:00.500000000Z","locks":["/ls/local/l"],"ephemerals":[],"watches":2}`+
		"\n", printed(t, JSONL, func(p Printer) error { return p.Sessions(s) }))
	require.Equal(t, ""+
		"SESSION  WHO        ADDRESS     STATE  LEFT  CREATED               LOCKS  EPHEMERALS  WATCHES\n"+
		"77       a@b:1 job  10.0.0.1:5  alive  9s    2026-11-22T01:19:00Z  1      0           2\n",
		printed(t, Table, func(p Printer) error { return p.Sessions(s) }))
}

func TestMembersAreStableJSON(t *testing.T) {
	all := []client.Member{
		{Member: cell.Member{ID: 3, Incarnation: 1 << 63, Client: "h:1", Peer: "h:2", HTTP: "h:3"}, Listed: true,
			Replica: client.ReplicaStatus{ID: 3, Role: "follower", Lag: 2}},
		{Member: cell.Member{ID: 6, Client: "i:1"}, Replica: client.ReplicaStatus{ID: 6, Role: "learner", Lag: 9}},
	}
	require.Equal(t, `{"id":3,"client":"h:1","peer":"h:2","http":"h:3","incarnation":"9223372036854775808","listed":true,`+
		`"role":"follower","lag":2,"error":null}`+"\n"+`{"id":6,"client":"i:1","peer":null,"http":null,"incarnation":null,`+
		`"listed":false,"role":"learner","lag":9,"error":null}`+"\n",
		printed(t, JSONL, func(p Printer) error { return p.Members(all) }))
	require.Equal(t, ""+
		"MEMBER            CLIENTS  PEERS  HTTP  ROLE      LAG  SAYS\n"+
		"3                 h:1      h:2    h:3   follower  2    -\n"+
		"6 (not a member)  i:1      -      -     learner   9    -\n",
		printed(t, Table, func(p Printer) error { return p.Members(all) }))
}

func TestFailuresAreALineOrAnObject(t *testing.T) {
	unknown := client.Unknown
	f := Failure{Error: "no answer", Code: "outcome_unknown", Exit: 8, Outcome: &unknown,
		Endpoints: []client.EndpointError{{Endpoint: "h:1", Err: errors.New("refused")}}}
	var b bytes.Buffer
	require.NoError(t, Table.Fail(&b, f))
	require.Equal(t, "cellctl: no answer\n", b.String())
	b.Reset()
	require.NoError(t, JSON.Fail(&b, f))
	require.Equal(t, `{"error":"no answer","code":"outcome_unknown","exit":8,"outcome":"unknown",`+
		`"endpoints":[{"endpoint":"h:1","error":"refused"}]}`+"\n", b.String())
}

func TestFormatsAreFour(t *testing.T) {
	for _, f := range []string{"table", "json", "jsonl", "value"} {
		got, err := ParseFormat(f)
		require.NoError(t, err)
		require.Equal(t, Format(f), got)
	}
	_, err := ParseFormat("yaml")
	require.ErrorIs(t, err, cell.ErrUsage)
}
