package main

import (
	"os"
	"slices"

	"github.com/leasehold/leasehold/cmd/celld/config"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func serveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "serve --config FILE",
		Short:   "Run one replica in the foreground",
		Example: "  celld serve --config /var/lib/cell/replica-1.yaml",
		Args:    cobra.NoArgs,
	}
	file := c.Flags().String("config", "", "configuration file, as celld init writes it")
	addSettings(c.Flags())
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if *file == "" {
			return &config.Wrong{Key: "--config", Why: "is missing: celld serve --config DIR/replica-1.yaml"}
		}
		cfg, warnings, err := config.Load(config.Sources{File: *file, Env: os.LookupEnv, Flags: given(cmd.Flags())})
		if err != nil {
			return err
		}
		log := newLog(cfg.LogLevel, cmd.ErrOrStderr())
		for _, w := range warnings {
			log.Warn(w)
		}
		for _, line := range cfg.Effective() {
			log.Debug("setting " + line)
		}
		return runServe(cmd.Context(), cfg, log)
	}
	return c
}

func devCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "dev",
		Short: "Run a whole five-replica cell in one process, on loopback",
		Long: "dev runs a whole five-replica cell in one process. Without --dir it keeps its data in a\n" +
			"temporary directory and removes it when it stops. A directory that celld init made is\n" +
			"served as its files say.",
		Example: "  celld dev\n  cellctl status",
		Args:    cobra.NoArgs,
	}
	var o config.DevOptions
	c.Flags().StringVar(&o.Dir, "dir", "", "keep the data here (default: a temporary directory, removed at the end)")
	c.Flags().StringVar(&o.Listen, "listen", "",
		"HOST:P; replica i serves clients at P+i, peers at P+10+i, HTTP at P+20+i; P 0 takes free ports"+
			" (default 127.0.0.1:7400)")
	addSettings(c.Flags(), "dir", "id")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Sources = config.Sources{Env: os.LookupEnv, Flags: given(cmd.Flags())}
		delete(o.Sources.Flags, "dir") // here it is the whole cell's
		dev, warnings, err := config.LoadDev(o)
		if err != nil {
			return err
		}
		log := newLog(dev.Replicas[0].LogLevel, cmd.ErrOrStderr())
		for _, w := range warnings {
			log.Warn(w)
		}
		return runDev(cmd.Context(), dev, log, cmd.OutOrStdout())
	}
	return c
}

// addSettings makes a flag of every single-valued setting. They are strings: the settings have
// one grammar, the same in flags, environment and file.
func addSettings(flags *pflag.FlagSet, but ...string) {
	d := config.Default()
	for _, s := range config.Settings() {
		if slices.Contains(but, s.Key) {
			continue
		}
		usage := s.Usage
		if text := s.Get(&d); text != "" && text != "0" {
			usage += " (default " + text + ")"
		}
		flags.String(s.Flag(), "", usage)
	}
}

// given are the settings that stand on the command line, by key.
func given(flags *pflag.FlagSet) map[string]string {
	out := map[string]string{}
	for _, s := range config.Settings() {
		if f := flags.Lookup(s.Flag()); f != nil && f.Changed {
			out[s.Key] = f.Value.String()
		}
	}
	return out
}
