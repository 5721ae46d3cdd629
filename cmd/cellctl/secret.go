package main

import "github.com/spf13/pflag"

// secretFlags are where the certificates are.
func (a *app) secretFlags(f *pflag.FlagSet) {
	f.StringVar(&a.secret.CA, "cacert", "", "the servers' certificate authority, PEM: speak TLS (default $CELLCTL_CACERT)")
	f.StringVar(&a.secret.Cert, "cert", "", "certificate that says who you are, PEM (default $CELLCTL_CERT)")
	f.StringVar(&a.secret.Key, "key", "", "its key, PEM (default $CELLCTL_KEY)")
}

// settleSecret fills in what stands in the environment, and checks what goes together.
func (a *app) settleSecret() error {
	for variable, to := range map[string]*string{
		"CELLCTL_CACERT": &a.secret.CA, "CELLCTL_CERT": &a.secret.Cert, "CELLCTL_KEY": &a.secret.Key,
	} {
		if path, ok := a.env(variable); ok && *to == "" {
			*to = path
		}
	}
	switch s := a.secret; {
	case (s.Cert == "") != (s.Key == ""):
		return usagef("--cert and --key go together")
	case s.Cert != "" && s.CA == "":
		return usagef("--cert needs --cacert, the authority of the servers' certificates")
	}
	return nil
}
