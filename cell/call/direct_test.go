package call

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
)

// direct are the messages that go without the protobuf runtime, as they are said most.
func direct() []Message {
	return []Message{
		&Call{Epoch: 3, Number: 200, Acked: 199, Op: &Write{Name: "/ls/local/a", Contents: make([]byte, 1024)}},
		&Call{Epoch: 3, Number: 1, Op: &Write{Name: "/ls/local/a", Contents: []byte("x"), Instance: 7,
			IfGeneration: new(uint64), OrCreate: true, Ephemeral: true, Parents: true, IfHeld: &seq1}},
		&Call{Epoch: 3, Number: 1, Op: &Write{Name: "/ls/local/a", IfGeneration: &gen1}},
		&Call{Number: 2, Op: &Acquire{Name: "/ls/local/a", Mode: cell.Exclusive, Wait: true, Create: true,
			Delay: -1, Margin: 5}},
		&Call{Number: 2, Op: &Release{Name: "/ls/local/a", Hold: 8}},
		&CallReply{Epoch: 3, Number: 200, Proposed: true, Result: Result{Zxid: 9, Stat: stat1}},
		&CallReply{Epoch: 3, Number: 200, Result: Result{Zxid: 9, Code: 14, RetryAfter: 5}},
		&CallReply{Number: 2, Result: Result{Acquired: &hold1}}, &CallReply{Number: 2, Result: Result{Acquired: &HoldState{
			Name: "/ls/local/a", Hold: 8}}}, &CallReply{},
		&Query{Epoch: 1, Number: 1, Ask: &Read{Name: "/ls/local/a", Instance: 1, StatOnly: true, Cache: true}},
		&QueryReply{Epoch: 1, Number: 2, Zxid: 3, Node: &NodeReply{Stat: stat1, Contents: []byte("abc"), Cachable: true,
			Incarnation: 2}},
		&QueryReply{Number: 2, Node: &NodeReply{Absent: true, Ancestor: "/ls/local"}},
	}
}

// slowly is m by way of the protobuf runtime, both ways.
func slowly(t *testing.T, m Message) (kind uint8, body []byte) {
	kind, w := toWire(m)
	body, err := proto.Marshal(w)
	require.NoError(t, err)
	return kind, body
}

func TestWhatIsSaidMostGoesWithoutTheRuntimeAndMeansTheSame(t *testing.T) {
	for _, m := range direct() {
		kind, slow := slowly(t, m)
		k, fast, ok := appendDirect([]byte("before"), m)
		require.True(t, ok, "%T goes the slow way", m)
		require.Equal(t, kind, k)
		require.Equal(t, "before", string(fast[:6]))
		require.Equal(t, slow, fast[6:], "%#v", m)
		back, err := readers[kind](fast[6:])
		require.NoError(t, err)
		require.Equal(t, m, back)
		back, ok = readDirect(kind, slow)
		require.True(t, ok)
		require.Equal(t, m, back)
	}
}

// A field that is added to one of these structs, and forgotten in what is written by hand, is
// found here: every field in turn is all that is set.
func TestNoFieldIsForgotten(t *testing.T) {
	for _, m := range append(direct(), samples...) {
		eachField(reflect.ValueOf(m).Elem(), func() {
			kind, body := EncodeTo(nil, m)
			_, slow := slowly(t, m)
			back, err := readers[kind](body)
			want, slowErr := readers[kind](slow)
			require.Equal(t, slowErr == nil, err == nil)
			if err == nil {
				require.Equal(t, want, back, "%#v", m)
			}
			if got, ok := readDirect(kind, slow); ok {
				require.NoError(t, slowErr)
				require.Equal(t, want, got)
			}
		})
	}
}

// eachField sets each field of v, at any depth, to another value, calls do, and puts it back.
func eachField(v reflect.Value, do func()) {
	for i := range v.NumField() {
		f := v.Field(i)
		if !f.CanSet() {
			continue
		}
		old := reflect.New(f.Type()).Elem()
		old.Set(f)
		change(f, do)
		f.Set(old)
	}
}

func change(f reflect.Value, do func()) {
	for _, x := range []int64{0, 1, 127, 128, 1 << 20} {
		if !setNumber(f, x) {
			break
		}
		do()
	}
	switch f.Interface().(type) {
	case time.Time:
		f.Set(reflect.ValueOf(time.Unix(0, 1<<60).UTC()))
		do()
		return
	case cell.Name:
		f.SetString("/ls/local/another")
		do()
		return
	case string:
		f.SetString("text")
		do()
		return
	case []byte:
		for _, n := range []int{0, 1, 115, 127, 128, 16_384, 70_000} {
			f.SetBytes(make([]byte, n))
			do()
		}
		return
	}
	switch f.Kind() {
	case reflect.Struct:
		eachField(f, do)
	case reflect.Slice:
		f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		if f.Index(0).Kind() != reflect.Interface { // nil is no part
			do()
		}
	case reflect.Interface:
		if f.Elem().Kind() == reflect.Pointer {
			eachField(f.Elem().Elem(), do)
		}
	case reflect.Pointer:
		if f.IsNil() {
			f.Set(reflect.New(f.Type().Elem()))
			do()
		} else if f.Elem().Kind() == reflect.Struct {
			f.Set(clone(f))
			eachField(f.Elem(), do)
		}
	}
}

// clone copies what the pointer points to: samples share some.
func clone(p reflect.Value) reflect.Value {
	c := reflect.New(p.Type().Elem())
	c.Elem().Set(p.Elem())
	return c
}

func setNumber(f reflect.Value, x int64) bool {
	switch {
	case f.CanInt():
		f.SetInt(min(x, 1<<(f.Type().Bits()-1)-1))
	case f.CanUint():
		f.SetUint(uint64(min(x, 1<<min(f.Type().Bits(), 62)-1)))
	case f.Kind() == reflect.Bool:
		f.SetBool(x%2 == 1)
	default:
		return false
	}
	return true
}

// Whatever bytes come, the short way says the same as the long one, or nothing.
func FuzzB5_BothWaysReadTheSame(f *testing.F) {
	for _, m := range append(direct(), samples...) {
		kind, body := Encode(m)
		f.Add(kind, body)
		f.Add(kind, append(body, body...))
	}
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		fast, ok := readDirect(kind, body)
		if !ok {
			return
		}
		slow, err := readers[kind](body)
		require.NoError(t, err)
		require.Equal(t, slow, fast)
	})
}

func BenchmarkCall(b *testing.B)      { benchCodec(b, direct()[0]) }
func BenchmarkCallReply(b *testing.B) { benchCodec(b, direct()[5]) }
func BenchmarkReadReply(b *testing.B) { benchCodec(b, direct()[11]) }

func benchCodec(b *testing.B, m Message) {
	b.ReportAllocs()
	once := thereAndBack(b, m)
	for b.Loop() {
		once()
	}
}

func thereAndBack(t testing.TB, m Message) func() {
	var buffer []byte
	return func() {
		kind, body := EncodeTo(buffer[:0], m)
		buffer = body
		if _, err := Decode(kind, body); err != nil {
			t.Fatal(err)
		}
	}
}

// What the hot path takes from the heap does not jitter: more than this is a change to be seen.
func TestAllocationsStayInBounds(t *testing.T) {
	for i, most := range map[int]float64{0: 4, 5: 2, 10: 3, 11: 4} {
		require.LessOrEqual(t, testing.AllocsPerRun(1000, thereAndBack(t, direct()[i])), most, "%T", direct()[i])
	}
}
