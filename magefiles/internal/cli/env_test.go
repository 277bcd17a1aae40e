package cli

import (
	"io"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// What only reads is a run that changes nothing and has no token that writes: it never takes that one's place, nor asks for the right to
// push, and a run that changes something never takes the token that reads.
func TestOnlyReads(t *testing.T) {
	const reads = "DEPLOY_READ_TOKEN=github_pat_reads"
	for name, test := range map[string]struct {
		readOnly bool
		environ  []string
		want     bool
	}{
		"a preview":             {true, []string{reads}, true},
		"one that could write":  {true, []string{reads, "DEPLOY_TOKEN=github_pat_writes"}, false},
		"one of an App's id":    {true, []string{reads, "DEPLOY_APP_ID=1"}, false},
		"one of an App's key":   {true, []string{reads, "DEPLOY_APP_KEY=x"}, false},
		"without a token":       {true, nil, false},
		"a change":              {false, []string{reads}, false},
		"a change with a token": {false, []string{reads, "DEPLOY_TOKEN=github_pat_writes"}, false},
	} {
		process := Process{Dir: t.TempDir(), Environ: test.environ, Stdout: io.Discard, Stderr: io.Discard}
		_, env := Start(t.Context(), process, Command{Name: report.CommandPromote, Pushes: true, ReadOnly: test.readOnly}, Flags{})
		if env.OnlyReads() != test.want || env.Clients.pushes == test.want {
			t.Errorf("%s: it only reads: %v, it pushes: %v", name, env.OnlyReads(), env.Clients.pushes)
		}
		if strings.Contains(strings.Join(test.environ, " "), "APP") {
			continue // which has no token yet
		}
		reach, err := env.Clients.Deployer().GitHub()
		wants := env.Vars.Get(vars.DeployToken)
		if test.want {
			wants = "github_pat_reads"
		}
		if err != nil || reach.Token != wants {
			t.Errorf("%s: the deployment repository gets %q, %v", name, reach.Token, err)
		}
	}
}
