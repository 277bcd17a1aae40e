package cli

import (
	"reflect"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

func TestDaemonSettings(t *testing.T) {
	for _, tc := range []struct {
		idle, space string
		want        daemon.Settings
		ok          bool
	}{
		{"", "", daemon.Settings{}, true},
		{"30m", "50GB", daemon.Settings{Idle: 30 * time.Minute, MaxSpace: 50e9}, true},
		{"0", "500 mb", daemon.Settings{Idle: 1, MaxSpace: 500e6}, true},
		{"30", "", daemon.Settings{}, false},
		{"-1m", "", daemon.Settings{}, false},
		{"", "50", daemon.Settings{}, false},
		{"", "0GB", daemon.Settings{}, false},
		{"", "many GB", daemon.Settings{}, false},
	} {
		v := vars.Parse([]string{"ASTRAGO_BUILDKIT_IDLE=" + tc.idle, "ASTRAGO_BUILDKIT_SPACE=" + tc.space})
		got, err := ownDaemon(v)
		if p := problem.As(err); tc.ok != (err == nil) || !tc.ok && p.ExitStatus() != problem.Usage {
			t.Errorf("%q, %q: %v", tc.idle, tc.space, err)
		}
		if tc.ok && !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%q, %q: %+v, want %+v", tc.idle, tc.space, got, tc.want)
		}
	}
}
