package main

import (
	"context"
	"errors"
	"io"

	"github.com/leasehold/leasehold/cmd/celld/config"
	"github.com/sirupsen/logrus"
)

// runServe is one replica until ctx ends; nil after a clean stop.
func runServe(ctx context.Context, cfg config.Config, log *logrus.Logger) error {
	return errors.New("this build has no replica in it yet")
}

// runDev is a whole cell until ctx ends; nil after a clean stop. The line that says the cell is
// serving goes to out. A temporary directory is removed at the end.
func runDev(ctx context.Context, dev config.Dev, log *logrus.Logger, out io.Writer) error {
	return errors.New("this build has no replica in it yet")
}
