package prune

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Where something was freed is a directory, whose name is no command of the runner.
func TestAttackWhereItWasFreed(t *testing.T) {
	var stdout bytes.Buffer
	process := cli.Process{Dir: t.TempDir(), Stdout: &stdout, Stderr: &bytes.Buffer{}}
	_, env := cli.Start(t.Context(), process, cli.Command{Name: report.CommandPrune, Unreported: true, Quiet: true}, cli.Flags{JSON: true})
	const where = "/srv/##[add-mask]x/.astrago/images"
	if err := printFreed(env, []daemon.Freed{{Where: where, Records: 1, Bytes: 2}}); err != nil {
		t.Fatal(err)
	}
	var got struct{ Freed []daemon.Freed }
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil || len(got.Freed) != 1 || got.Freed[0].Where != where {
		t.Errorf("%+v, %v", got, err)
	}
	if strings.Contains(stdout.String(), "##[") {
		t.Errorf("%s", stdout.String())
	}
}
