package config

import "path/filepath"

// Sources is where settings come from, beside the defaults.
type Sources struct {
	File  string                           // path; "" for none
	Env   func(name string) (string, bool) // as os.LookupEnv
	Flags map[string]string                // by key, only those that were given
}

// Load puts the sources together and checks the whole. Errors wrap cell.ErrUsage. The warnings
// are for the log.
func Load(s Sources) (Config, []string, error) {
	c, err := s.merge()
	if err != nil {
		return c, nil, err
	}
	warnings, err := c.Check()
	if w, ok := err.(*Wrong); ok && s.File != "" {
		w.File = s.File
	}
	return c, warnings, err
}

// merge lays file, environment and flags over the defaults, the strongest last.
func (s Sources) merge() (Config, error) {
	c := Default()
	if s.File != "" {
		if err := (&file{s.File, &c}).read(); err != nil {
			return c, err
		}
	}
	for _, k := range Settings() {
		if text, ok := s.Env(k.Variable()); ok {
			if err := k.over(&c, text); err != nil {
				return c, wrong(k.Variable(), err.Error())
			}
		}
		if text, ok := s.Flags[k.Key]; ok {
			if err := k.over(&c, text); err != nil {
				return c, wrong("--"+k.Flag(), err.Error())
			}
		}
	}
	return c, nil
}

// over sets what did not come from a file: a path counts from where we stand.
func (s Setting) over(c *Config, text string) error {
	err := s.Set(c, text)
	if path := s.path(c); path != nil && *path != "" && err == nil {
		*path, err = filepath.Abs(*path)
	}
	return err
}

// path is the place of a setting that is a path; else nil.
func (s Setting) path(c *Config) *string {
	switch s.Key {
	case "dir":
		return &c.Dir
	case "audit":
		return &c.Audit
	}
	return nil
}
