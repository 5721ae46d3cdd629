package main

import (
	"io"
	"os"

	"github.com/sirupsen/logrus"
)

// logTime is RFC 3339 with milliseconds: a hand-over lasts only some of them.
const logTime = "2006-01-02T15:04:05.000Z07:00"

// newLog writes text for people on a terminal, JSON for everybody else. The level has been
// checked with the settings.
func newLog(level string, to io.Writer) *logrus.Logger {
	log := logrus.New()
	log.SetOutput(to)
	if l, err := logrus.ParseLevel(level); err == nil {
		log.SetLevel(l)
	}
	log.SetFormatter(&logrus.JSONFormatter{TimestampFormat: logTime})
	if isTerminal(to) {
		_, plain := os.LookupEnv("NO_COLOR")
		log.SetFormatter(&logrus.TextFormatter{FullTimestamp: true, TimestampFormat: logTime, DisableColors: plain})
	}
	return log
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
