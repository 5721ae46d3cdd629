package wire_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

const limit = 1 << 20

func TestZ16_TheFormatIsTheCells(t *testing.T) {
	require.EqualValues(t, cell.Format, wire.FrameFormat)
}

func TestFramesComeOutAsTheyWentIn(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var bodies [][]byte
	var stream []byte
	for i := range 400 {
		size := []int{0, 1, rng.IntN(100), rng.IntN(5_000), rng.IntN(200_000)}[min(rng.IntN(100), 4)]
		body := bytes.Repeat([]byte{byte(i)}, size)
		bodies, stream = append(bodies, body), wire.AppendFrame(stream, byte(i), body)
	}
	for name, source := range map[string]io.Reader{
		"whole": bytes.NewReader(stream), "halves": iotest.HalfReader(bytes.NewReader(stream)),
		"data with EOF": iotest.DataErrReader(bytes.NewReader(stream)),
	} {
		r := wire.NewFrameReader(source, limit, 0)
		for i, want := range bodies {
			kind, body, err := r.Next()
			require.NoError(t, err, name)
			require.Equal(t, byte(i), kind, name)
			require.True(t, bytes.Equal(want, body), "%s: frame %d", name, i)
		}
		_, _, err := r.Next()
		require.Equal(t, io.EOF, err, name)
	}
}

// counted counts the reads of a source.
type counted struct {
	io.Reader
	reads int
}

func (c *counted) Read(p []byte) (int, error) {
	c.reads++
	return c.Reader.Read(p)
}

func TestAFrameIsReadyIfNextNeedNotRead(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var stream []byte
	for i := range 200 {
		stream = wire.AppendFrame(stream, byte(i), make([]byte, rng.IntN(300)))
	}
	source := &counted{Reader: iotest.HalfReader(bytes.NewReader(stream))}
	r := wire.NewFrameReader(source, limit, 0)
	ready := 0
	for i := range 200 {
		kind, ok := r.Ready()
		before := source.reads
		_, _, err := r.Next()
		require.NoError(t, err)
		require.Equal(t, ok, source.reads == before, "frame %d", i)
		if ok {
			ready++
			require.Equal(t, byte(i), kind)
		}
	}
	require.Greater(t, ready, 0)
	require.Less(t, ready, 200)
}

func TestB1_AFrameCutAnywhereIsTruncated(t *testing.T) {
	frame := wire.AppendFrame(nil, 7, []byte("contents"))
	for cut := 1; cut < len(frame); cut++ {
		r := wire.NewFrameReader(iotest.OneByteReader(bytes.NewReader(frame[:cut])), limit, 0)
		_, _, err := r.Next()
		require.ErrorIs(t, err, wire.ErrFrameTruncated, "cut at %d", cut)
	}
}

func TestB1_AnOversizeFrameIsRefusedWithBothSizes(t *testing.T) {
	const most = 100
	fits := wire.AppendFrame(nil, 1, make([]byte, most-wire.FrameOverhead))
	_, body, err := wire.NewFrameReader(bytes.NewReader(fits), most, 0).Next()
	require.NoError(t, err)
	require.Len(t, body, most-wire.FrameOverhead)

	over := wire.AppendFrame(nil, 1, make([]byte, most-wire.FrameOverhead+1))
	_, _, err = wire.NewFrameReader(bytes.NewReader(over), most, 0).Next()
	var limit *cell.LimitError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, cell.LimitError{Limit: "frame", Most: most, Got: most + 1}, *limit)
}

func TestB1_ALengthCostsNoMemoryUntilTheBytesCome(t *testing.T) {
	head := []byte{0x3f, 0xff, 0xff, 0xff, wire.FrameFormat, 1, 'x'}
	allocated := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _, err := wire.NewFrameReader(bytes.NewReader(head), 1<<30, 0).Next()
			if !errors.Is(err, wire.ErrFrameTruncated) {
				b.Fatal(err)
			}
		}
	})
	require.Less(t, allocated.AllocedBytesPerOp(), int64(64<<10))
}

func TestZ16_AnotherFormatIsRefused(t *testing.T) {
	frame := wire.AppendFrame(nil, 1, nil)
	frame[4]++
	_, _, err := wire.NewFrameReader(bytes.NewReader(frame), limit, 0).Next()
	require.ErrorIs(t, err, wire.ErrFrameFormat)
	for short := range 2 {
		frame := binary.BigEndian.AppendUint32(nil, uint32(short))
		frame = append(frame, wire.FrameFormat, 1)
		_, _, err := wire.NewFrameReader(bytes.NewReader(frame), limit, 0).Next()
		require.ErrorIs(t, err, wire.ErrFrameFormat)
	}
}

func TestFrameSizeWalksFrames(t *testing.T) {
	b := wire.AppendFrame(wire.AppendFrame(nil, 1, make([]byte, 70)), 2, nil)
	require.Equal(t, 70+wire.FrameOverhead, wire.FrameSize(b))
	require.Equal(t, wire.FrameOverhead, wire.FrameSize(b[wire.FrameSize(b):]))
	require.Zero(t, wire.FrameSize(b[:3]))
}

func TestAppendMessageIsAppendFrameOfItsBytes(t *testing.T) {
	m := &descriptorpb.FieldDescriptorProto{Name: proto.String("field"), Number: proto.Int32(3)}
	raw, err := proto.Marshal(m)
	require.NoError(t, err)
	framed, err := wire.AppendMessage([]byte("before"), 9, m, limit)
	require.NoError(t, err)
	require.Equal(t, wire.AppendFrame([]byte("before"), 9, raw), framed)

	same, err := wire.AppendMessage([]byte("before"), 9, m, len(raw)+wire.FrameOverhead-1)
	require.ErrorIs(t, err, cell.ErrTooLarge)
	require.Equal(t, "before", string(same))
}

func TestB5_UnknownFieldsAreRefusedAtAnyDepth(t *testing.T) {
	field := &descriptorpb.FieldDescriptorProto{Name: proto.String("field")}
	message := &descriptorpb.DescriptorProto{Name: proto.String("m"), Field: []*descriptorpb.FieldDescriptorProto{field}}
	file := &descriptorpb.FileDescriptorProto{
		Options:     &descriptorpb.FileOptions{},
		MessageType: []*descriptorpb.DescriptorProto{message},
	}
	decode := func() error {
		raw, err := proto.Marshal(file)
		require.NoError(t, err)
		return wire.Unmarshal(raw, &descriptorpb.FileDescriptorProto{})
	}
	require.NoError(t, decode())
	for name, m := range map[string]proto.Message{
		"root": file, "message": file.Options, "in a list": message, "two down": field,
	} {
		m.ProtoReflect().SetUnknown(protoreflect.RawFields{0xf8, 0x7f, 0x01}) // field 2047
		require.ErrorIs(t, decode(), wire.ErrUnknownField, name)
		m.ProtoReflect().SetUnknown(nil)
	}
	require.ErrorIs(t, wire.Unmarshal([]byte{0xff}, &descriptorpb.FileDescriptorProto{}), wire.ErrMalformed)
}

// Maps have no order and floats no equality: two encoders, or two replicas, could differ.
func TestTheSchemaHasNeitherMapsNorFloats(t *testing.T) {
	protoregistry.GlobalFiles.RangeFilesByPackage("leasehold", func(file protoreflect.FileDescriptor) bool {
		messages := file.Messages()
		for i := range messages.Len() {
			for j := range messages.Get(i).Fields().Len() {
				field := messages.Get(i).Fields().Get(j)
				require.False(t, field.IsMap(), "%s is a map", field.FullName())
				require.NotContains(t, []protoreflect.Kind{protoreflect.FloatKind, protoreflect.DoubleKind},
					field.Kind(), "%s is a float", field.FullName())
			}
		}
		return true
	})
}

// Whatever the bytes and however they come, the reader gives what a plain slicing gives.
func FuzzFrameReader(f *testing.F) {
	f.Add(wire.AppendFrame(wire.AppendFrame(nil, 1, []byte("one")), 2, nil), uint16(3))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1, 1}, uint16(1))
	f.Add([]byte{0, 0, 0, 2, 2, 1}, uint16(9))
	f.Add(wire.AppendFrame(nil, 3, make([]byte, 5000)), uint16(1000))
	f.Fuzz(func(t *testing.T, stream []byte, piece uint16) {
		r := wire.NewFrameReader(&pieces{rest: stream, size: int(piece) + 1}, 4096, 0)
		rest := stream
		for {
			kind, body, err := r.Next()
			size := wire.FrameSize(rest)
			whole := size >= wire.FrameOverhead && size <= 4096 && size <= len(rest) && rest[4] == wire.FrameFormat
			require.Equal(t, whole, err == nil, "%v", err)
			if err != nil {
				require.Equal(t, len(rest) == 0, err == io.EOF)
				return
			}
			require.Equal(t, rest[5], kind)
			require.True(t, bytes.Equal(rest[wire.FrameOverhead:size], body))
			rest = rest[size:]
		}
	})
}

type pieces struct {
	rest []byte
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.rest[:min(p.size, len(p.rest))])
	p.rest = p.rest[n:]
	return n, nil
}

// Who takes large frames all the time reads them into one buffer.
func TestALargeBufferIsKept(t *testing.T) {
	stream := bytes.Repeat(wire.AppendFrame(nil, 1, make([]byte, 50_000)), 50)
	source := bytes.NewReader(stream)
	r := wire.NewFrameReader(source, limit, 64<<10)
	_, _, err := r.Next()
	require.NoError(t, err)
	require.Zero(t, testing.AllocsPerRun(40, func() {
		if _, _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}))
}

func BenchmarkFrameReader1KiB(b *testing.B) {
	stream := bytes.Repeat(wire.AppendFrame(nil, 1, make([]byte, 1024)), 1024)
	b.SetBytes(1024)
	source := bytes.NewReader(stream)
	r := wire.NewFrameReader(source, limit, 0)
	for b.Loop() {
		if source.Len() == 0 {
			source.Reset(stream)
		}
		if _, _, err := r.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

// A buffer that was given away holds nothing of the stream; what has come of the next frame keeps its own.
func TestAReleasedReaderReadsOn(t *testing.T) {
	var stream []byte
	for i := range 50 {
		stream = wire.AppendFrame(stream, byte(i), bytes.Repeat([]byte{byte(i)}, []int{10, 700, 20_000}[i%3]))
	}
	a := wire.NewFrameReader(iotest.HalfReader(bytes.NewReader(stream)), limit, 0)
	b := wire.NewFrameReader(iotest.OneByteReader(bytes.NewReader(stream)), limit, 0)
	large := 0
	a.OnLarge(func(bytes int) error { large = bytes; return nil })
	for i := range 50 {
		for _, r := range []*wire.FrameReader{a, b} {
			kind, body, err := r.Next()
			require.NoError(t, err)
			require.Equal(t, byte(i), kind)
			require.Equal(t, []int{10, 700, 20_000}[i%3], bytes.Count(body, []byte{byte(i)}))
			if spare := r.Release(); spare != nil && i%2 == 0 {
				clear(spare[:cap(spare)]) // it is somebody else's now
				r.Lend(make([]byte, 0, wire.SmallBuffer))
			}
			require.Zero(t, large, "nothing begins")
		}
	}
}
