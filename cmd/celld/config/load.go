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

// over sets what did not come from a file: a directory counts from where we stand.
func (s Setting) over(c *Config, text string) error {
	if err := s.Set(c, text); err != nil || s.Key != "dir" {
		return err
	}
	dir, err := filepath.Abs(c.Dir)
	c.Dir = dir
	return err
}
