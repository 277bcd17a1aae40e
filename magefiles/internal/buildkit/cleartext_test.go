package buildkit

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/attachable"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// A daemon that is reached without TLS gets no secret, and a build without any is warned of.
func TestAttackSecretsInTheClear(t *testing.T) {
	exposed := []*daemon.Connection{{Address: "tcp://build.example.com:1234", InTheClear: true}}
	plain := &job{Image: plan.Image{Component: "core"}}
	secret := &job{Image: plan.Image{Component: "core"}, secrets: attachable.Secrets{"npm": []byte("x")}}
	var warned []progress.Warning
	warn := func(w progress.Warning) { warned = append(warned, w) }
	err := requirePrivate(exposed, []*job{plain, secret}, warn)
	if p := problem.As(err); p == nil || p.Status != problem.Refused || !strings.Contains(err.Error(), "in the clear") {
		t.Errorf("got %v", err)
	}
	if err := requirePrivate(exposed, []*job{plain}, warn); err != nil || len(warned) != 1 || !strings.Contains(warned[0].Message, "without TLS") {
		t.Errorf("got %v, %+v", err, warned)
	}
	if err := requirePrivate([]*daemon.Connection{{Address: "unix:///x"}}, []*job{secret}, warn); err != nil || len(warned) != 1 {
		t.Errorf("a socket: %v, %+v", err, warned)
	}
}
