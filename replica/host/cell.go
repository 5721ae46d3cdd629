package host

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/leasehold/leasehold/cell"
)

// Cell is a whole cell in one process: celld dev, and tests.
type Cell struct{ Hosts []*Host }

// StartCell opens every replica's ports first, so that port 0 may be asked for, and starts all.
// The configurations' Members are those of the first; each is given the addresses as they are.
func StartCell(configs []Config, g Gate) (*Cell, error) {
	members := append(cell.Members(nil), configs[0].Members...)
	ports := make([]Listeners, 0, len(configs))
	var err error
	for i := range configs {
		var l Listeners
		if l, members[i], err = Listen(members[i], g, configs[i].Network); err != nil {
			break
		}
		ports = append(ports, l)
	}
	c := &Cell{}
	for i := 0; err == nil && i < len(configs); i++ {
		var h *Host
		configs[i].Members = members
		if h, err = Start(configs[i], ports[i]); err == nil {
			c.Hosts = append(c.Hosts, h)
		}
	}
	if err != nil {
		for _, l := range ports[len(c.Hosts):] {
			err = errors.Join(err, l.close())
		}
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// Members are the replicas with the addresses that were opened.
func (c *Cell) Members() cell.Members { return c.Hosts[0].config.Members }

// Serving is closed-over waiting: it gives the line that says who is master, once there is one
// and it answers. It ends early, with false, when stop is closed or a replica has died.
func (c *Cell) Serving(stop <-chan struct{}) (string, bool) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		for _, h := range c.Hosts {
			if s := h.Status(); s.Role == "master" && s.Zxid.Epoch() == s.Epoch {
				return fmt.Sprintf("cell %s is serving: master replica %d, epoch %d, clients at %s",
					s.Cell, s.Replica, s.Epoch, strings.Join(c.Endpoints(), ",")), true
			}
			select {
			case <-h.Dead():
				return "", false
			default:
			}
		}
		select {
		case <-stop:
			return "", false
		case <-tick.C:
		}
	}
}

// Endpoints are the clients' addresses of all replicas.
func (c *Cell) Endpoints() []string {
	var at []string
	for _, m := range c.Members() {
		at = append(at, m.Client)
	}
	return at
}

// Dead gives a channel that is closed once any replica has ended by itself.
func (c *Cell) Dead() <-chan struct{} {
	dead := make(chan struct{})
	var once sync.Once
	for _, h := range c.Hosts {
		go func() {
			<-h.Dead()
			once.Do(func() { close(dead) })
		}()
	}
	return dead
}

// Stop stops every replica, the followers first, so that the mastership does not wander.
func (c *Cell) Stop() error {
	var errs []error
	for _, masters := range []bool{false, true} {
		for _, h := range c.Hosts {
			if (h.Status().Role == "master") == masters || masters {
				errs = append(errs, h.Stop())
			}
		}
	}
	return errors.Join(errs...)
}
