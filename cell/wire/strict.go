package wire

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Unmarshal decodes b into m, which it empties first, and refuses what Strict refuses. m keeps
// no part of b. On an error m is not to be used.
func Unmarshal(b []byte, m proto.Message) error {
	if proto.Unmarshal(b, m) != nil {
		return ErrMalformed
	}
	return Strict(m)
}

// Strict refuses a message that carries, at any depth, a field which its schema does not name
// (B5, Z16).
func Strict(m proto.Message) error { return strict(m.ProtoReflect()) }

func strict(m protoreflect.Message) error {
	if len(m.GetUnknown()) > 0 {
		return ErrUnknownField
	}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		if err := strictField(m, fields.Get(i)); err != nil {
			return err
		}
	}
	return nil
}

func strictField(m protoreflect.Message, field protoreflect.FieldDescriptor) error {
	switch {
	case field.Message() == nil || !m.Has(field):
		return nil
	case field.IsMap():
		return ErrUnknownField // the schema has none: a map has no order
	case !field.IsList():
		return strict(m.Get(field).Message())
	}
	list := m.Get(field).List()
	for i := range list.Len() {
		if err := strict(list.Get(i).Message()); err != nil {
			return err
		}
	}
	return nil
}
