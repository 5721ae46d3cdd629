package run

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// openPty gives both ends of a new pseudo-terminal.
func openPty(t *testing.T) (user, programs *os.File) {
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	programs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = user.Close(); _ = programs.Close() })
	return user, programs
}

// screen is the user's side: what is typed, and what has been seen.
type screen struct {
	t   *testing.T
	tty *os.File
	in  *bufio.Reader
}

func (s *screen) typed(keys string) {
	_, err := s.tty.WriteString(keys)
	require.NoError(s.t, err)
}

// shows waits for a line; the echo of what was typed goes by.
func (s *screen) shows(want string) {
	for {
		l, err := s.in.ReadString('\n')
		require.NoError(s.t, err, "waiting for %q", want)
		if strings.HasSuffix(strings.TrimRight(l, "\r\n"), want) {
			return
		}
	}
}

// onTerminal runs the wrapper as the leader of a new session on a terminal of its own.
func onTerminal(t *testing.T, mode string) (*screen, *exec.Cmd) {
	user, programs := openPty(t)
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), asCommand+"=wrapper "+mode+" tty")
	c.Stdin, c.Stdout, c.Stderr = programs, programs, programs
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, c.Start())
	return &screen{t, user, bufio.NewReader(user)}, c
}

func TestCommandHasTheTerminalAndGivesItBack(t *testing.T) {
	s, c := onTerminal(t, "plain")
	s.shows("foreground")
	s.typed("hello\n")
	s.shows("read hello")
	s.typed("end\n")
	s.shows("exit 0, terminal back true")
	require.NoError(t, c.Wait())
}

func TestCtrlCReachesCommandAlone(t *testing.T) {
	s, c := onTerminal(t, "plain")
	s.shows("foreground")
	s.typed("\x03")
	s.shows("exit 130, terminal back true")
	require.NoError(t, c.Wait())
}

func TestCtrlZWhereNoShellLooksAfterUsGoesOn(t *testing.T) {
	s, c := onTerminal(t, "plain")
	s.shows("foreground")
	s.typed("\x1a")
	s.shows("continued")
	s.typed("end\n")
	s.shows("exit 0, terminal back true")
	require.NoError(t, c.Wait())
}

func TestL2_AStopLongerThanTheHoldEndsCommand(t *testing.T) {
	s, c := onTerminal(t, "overdue")
	s.shows("foreground")
	s.typed("\x1a")
	s.shows("exit 76, terminal back true")
	require.NoError(t, c.Wait())
}

func TestParentDeathEndsCommand(t *testing.T) {
	out, w, err := os.Pipe()
	require.NoError(t, err)
	in, hold, err := os.Pipe()
	require.NoError(t, err)
	defer func() { _ = hold.Close() }()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), asCommand+"=wrapper plain loner")
	c.Stdin, c.Stdout = in, w
	require.NoError(t, c.Start())
	require.NoError(t, w.Close())
	r := bufio.NewReader(out)
	pid, err := r.ReadString('\n')
	require.NoError(t, err)
	_, err = strconv.Atoi(strings.TrimSpace(pid))
	require.NoError(t, err)
	require.NoError(t, c.Process.Kill())
	_, err = r.ReadString('\n') // only COMMAND has the pipe now
	require.Error(t, err)
	require.Error(t, c.Wait())
}

// stateOf is the letter that Linux has for what a process does.
func stateOf(t *testing.T, pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(t, err)
	_, after, _ := strings.Cut(string(stat), ") ")
	return after[:1]
}

func TestAStopOfCellctlStopsCommandFirst(t *testing.T) {
	out, w, err := os.Pipe()
	require.NoError(t, err)
	in, hold, err := os.Pipe()
	require.NoError(t, err)
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), asCommand+"=wrapper plain resumed")
	c.Stdin, c.Stdout = in, w
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a shell's job
	require.NoError(t, c.Start())
	r := bufio.NewReader(out)
	line, err := r.ReadString('\n')
	require.NoError(t, err)
	command, err := strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err)

	require.NoError(t, c.Process.Signal(syscall.SIGTSTP))
	var s syscall.WaitStatus
	_, err = syscall.Wait4(c.Process.Pid, &s, syscall.WUNTRACED, nil)
	require.NoError(t, err)
	require.True(t, s.Stopped())
	require.Equal(t, "T", stateOf(t, command))

	require.NoError(t, c.Process.Signal(syscall.SIGCONT))
	line, err = r.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "continued\n", line)
	require.NoError(t, hold.Close())
	require.NoError(t, c.Wait())
}
