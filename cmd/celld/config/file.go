package config

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"go.yaml.in/yaml/v3"
)

const maxFile = 1 << 20 // bytes of a configuration file

// file reads one configuration file into a Config. Every error says file, line and key.
type file struct {
	path string
	to   *Config
}

func (f *file) read() error {
	in, err := os.Open(f.path)
	if err != nil {
		return &Wrong{Why: err.Error()}
	}
	defer func() { _ = in.Close() }()
	text, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil {
		return &Wrong{File: f.path, Why: err.Error()}
	}
	if len(text) > maxFile {
		return &Wrong{File: f.path, Why: fmt.Sprintf("is longer than %d bytes", maxFile)}
	}
	return f.parse(text)
}

func (f *file) parse(text []byte) error {
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	var doc yaml.Node
	if err := d.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return &Wrong{File: f.path, Why: "is empty"}
		}
		return &Wrong{File: f.path, Why: strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return &Wrong{File: f.path, Why: "has more than one document"}
	}
	return f.keys(doc.Content[0], "", func(key string, v *yaml.Node) (bool, error) {
		switch key {
		case "replicas":
			return true, f.replicas(v)
		case "tls":
			return true, f.keys(v, "tls.", f.secret)
		case "limits":
			return true, f.keys(v, "limits.", func(key string, v *yaml.Node) (bool, error) {
				return f.single(limits(), "limits.", key, v)
			})
		}
		return f.single(Settings(), "", key, v)
	})
}

// keys goes through a mapping; take says whether it knows the key.
func (f *file) keys(m *yaml.Node, under string, take func(string, *yaml.Node) (bool, error)) error {
	if m.Kind != yaml.MappingNode {
		return f.wrong(m, strings.TrimSuffix(under, "."), "must be keys and values")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(m.Content); i += 2 {
		k, v := m.Content[i], m.Content[i+1]
		if seen[k.Value] {
			return f.wrong(k, under+k.Value, "stands twice")
		}
		seen[k.Value] = true
		known, err := take(k.Value, v)
		if err != nil {
			return err
		}
		if !known {
			return f.wrong(k, under+k.Value, "unknown key")
		}
	}
	return nil
}

func (f *file) single(settings []Setting, under, key string, v *yaml.Node) (bool, error) {
	i := slices.IndexFunc(settings, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return false, nil
	}
	if v.Kind != yaml.ScalarNode {
		return true, f.wrong(v, under+key, "must be one value")
	}
	if err := settings[i].Set(f.to, v.Value); err != nil {
		return true, f.wrong(v, under+key, err.Error())
	}
	var err error
	if path := settings[i].path(f.to); path != nil && *path != "" {
		*path, err = resolve(*path, filepath.Dir(f.path))
	}
	return true, err
}

// secret reads a path under tls: it counts from the file.
func (f *file) secret(key string, v *yaml.Node) (bool, error) {
	to, ok := map[string]*string{"ca": &f.to.TLS.CA, "cert": &f.to.TLS.Cert, "key": &f.to.TLS.Key}[key]
	if !ok {
		return false, nil
	}
	if v.Kind != yaml.ScalarNode || v.Value == "" {
		return true, f.wrong(v, "tls."+key, "must be the path of a PEM file")
	}
	path, err := resolve(v.Value, filepath.Dir(f.path))
	*to = path
	return true, err
}

func (f *file) replicas(list *yaml.Node) error {
	if list.Kind != yaml.SequenceNode {
		return f.wrong(list, "replicas", "must be a list")
	}
	for _, entry := range list.Content {
		m, err := f.replica(entry)
		if err != nil {
			return err
		}
		f.to.Replicas = append(f.to.Replicas, m)
	}
	slices.SortFunc(f.to.Replicas, func(a, b cell.Member) int { return int(a.ID) - int(b.ID) })
	return nil
}

func (f *file) replica(entry *yaml.Node) (cell.Member, error) {
	var m cell.Member
	addresses := map[string]*string{"client": &m.Client, "peer": &m.Peer, "http": &m.HTTP}
	err := f.keys(entry, "replicas.", func(key string, v *yaml.Node) (bool, error) {
		to, ok := addresses[key]
		switch {
		case key == "id":
			if err := (*replica)(&m.ID).set(v.Value); err != nil {
				return true, f.wrong(v, "replicas.id", err.Error())
			}
		case !ok:
			return false, nil
		default:
			if _, _, err := net.SplitHostPort(v.Value); err != nil {
				return true, f.wrong(v, "replicas."+key, fmt.Sprintf("%q is not HOST:PORT", v.Value))
			}
			*to = v.Value
		}
		return true, nil
	})
	if err != nil {
		return m, err
	}
	for _, key := range []string{"client", "peer", "http"} {
		if *addresses[key] == "" {
			return m, f.wrong(entry, "replicas."+key, fmt.Sprintf("is missing at id %d", m.ID))
		}
	}
	return m, nil
}

func (f *file) wrong(at *yaml.Node, key, why string) error {
	return &Wrong{File: f.path, Line: at.Line, Key: key, Why: why}
}

func replicaLine(m cell.Member) string {
	return fmt.Sprintf("{id: %d, client: %q, peer: %q, http: %q}", m.ID, m.Client, m.Peer, m.HTTP)
}
