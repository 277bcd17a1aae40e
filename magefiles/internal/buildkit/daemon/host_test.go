package daemon_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func TestConnectAllGivesThoseThatAnswer(t *testing.T) {
	live := sharedDaemon.Connection(t).Address
	again := live + "?again" // the same daemon by another name
	dead := "unix://" + filepath.Join(t.TempDir(), "none.sock")
	var said []string
	o := daemon.Options{CacheDir: t.TempDir(), Say: func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }}
	o.Host = strings.Join([]string{live, dead, live, again}, ", ")
	all, err := daemon.ConnectAll(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := daemon.CloseAll(all); err != nil {
			t.Error(err)
		}
	}()
	if len(all) != 2 || all[0].Address != live || all[1].Address != again || all[0].NodeID == "" || all[0].NodeID != all[1].NodeID {
		t.Errorf("got %+v, want %s and %s", all, live, again)
	}
	if len(said) != 1 || !strings.Contains(said[0], dead) {
		t.Errorf("the person was told %q, want one notice about %s", said, dead)
	}
}

func TestConnectAllNeedsOne(t *testing.T) {
	first, second := "unix://"+filepath.Join(t.TempDir(), "1.sock"), "unix://"+filepath.Join(t.TempDir(), "2.sock")
	_, err := daemon.ConnectAll(t.Context(), daemon.Options{Host: first + "," + second, CacheDir: t.TempDir()})
	p := problem.As(err)
	if p == nil || !strings.Contains(p.Error(), first) || !strings.Contains(p.Error(), second) || p.Remedy == "" {
		t.Errorf("got %v, want a problem that names both", err)
	}
	for _, empty := range []string{",", " , "} {
		_, err := daemon.ConnectAll(t.Context(), daemon.Options{Host: empty, CacheDir: t.TempDir()})
		if p := problem.As(err); p == nil || p.ExitStatus() != problem.Usage {
			t.Errorf("%q: got %v, want wrong usage", empty, err)
		}
	}
}
