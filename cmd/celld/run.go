package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sirupsen/logrus"

	"github.com/leasehold/leasehold/cell/conn/certs"
	"github.com/leasehold/leasehold/cmd/celld/config"
	"github.com/leasehold/leasehold/replica/host"
)

// hostConfig is what replica/host wants to know of a replica's settings.
func hostConfig(c config.Config, log *logrus.Logger) host.Config {
	return host.Config{
		Cell: c.Cell, ID: c.ID, Dir: c.Dir, Members: c.Replicas, Lengths: c.Lengths, Limits: c.Limits,
		History: c.History, SnapshotLog: c.SnapshotLog, SnapshotsKept: c.SnapshotsKept,
		Log:   log.WithField("replica", c.ID),
		Audit: host.Audit{File: c.Audit, Size: c.AuditSize, Kept: c.AuditKept},
	}
}

func gate(g config.Gate, keys *certs.Keys) host.Gate {
	return host.Gate{Connections: g.Connections, HalfOpen: g.HalfOpen, Frame: g.Frame, Outbox: g.Outbox, HTTP: g.HTTP,
		Keys: keys}
}

// keysOf reads what the configuration says under tls; nil when it says nothing.
func keysOf(c config.Config) (*certs.Keys, error) {
	if c.TLS == (certs.Files{}) {
		return nil, nil
	}
	keys, err := certs.Open(c.TLS)
	if err == nil {
		err = keys.CheckServer()
	}
	return keys, err
}

// runServe is one replica until ctx ends; nil after a clean stop.
func runServe(ctx context.Context, cfg config.Config, log *logrus.Logger) error {
	keys, err := keysOf(cfg)
	if err != nil {
		return err
	}
	settings := hostConfig(cfg, log)
	settings.Reserve = host.DefaultReserve
	settings.Keys = keys
	if err := host.Adopt(ctx, settings); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	ports, _, err := host.Listen(cfg.Self(), gate(cfg.Gate, keys), nil)
	if err != nil {
		return err
	}
	if err := shareCores(cfg.Replicas, cfg.Self()); err != nil {
		log.Debugf("this replica's threads keep their scheduling policy: %v", err)
	}
	started := tendHeap()
	h, err := host.Start(settings, ports)
	if err != nil {
		return err
	}
	started()
	select {
	case <-ctx.Done():
		log.Info("stopping")
	case <-h.Dead():
	}
	return h.Stop()
}

// runDev is a whole cell until ctx ends; nil after a clean stop. The line that says the cell is
// serving goes to out. A temporary directory is removed at the end.
func runDev(ctx context.Context, dev config.Dev, log *logrus.Logger, out io.Writer) (err error) {
	if dev.Temporary {
		log.Infof("the data is in %s and is removed at the end", dev.Dir)
		defer func() { err = errors.Join(err, os.RemoveAll(dev.Dir)) }()
	}
	var configs []host.Config
	for _, c := range dev.Replicas {
		if c.Audit != "" {
			c.Audit = fmt.Sprintf("%s.%d", c.Audit, c.ID) // each writes its own
		}
		configs = append(configs, hostConfig(c, log))
	}
	started := tendHeap()
	cell, err := host.StartCell(configs, gate(dev.Replicas[0].Gate, nil))
	if err != nil {
		return err
	}
	started()
	if line, ok := cell.Serving(ctx.Done()); ok {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return errors.Join(err, cell.Stop())
		}
		select {
		case <-ctx.Done():
		case <-cell.Dead():
		}
	}
	return cell.Stop()
}
