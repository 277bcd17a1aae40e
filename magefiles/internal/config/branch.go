package config

import (
	"reflect"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// checkBranches reports entries of one environment that cannot hold together: all that goes to one branch is one commit, made
// in one way, and the pull requests of an environment share the name of their branch.
func checkBranches(d *yamlschema.Decoder, c *Config) {
	for _, e := range c.Environments {
		for i, later := range e.Deploy {
			for _, earlier := range e.Deploy[:i] {
				checkSameBranch(d, earlier, later)
			}
		}
	}
}

func checkSameBranch(d *yamlschema.Decoder, earlier, later Deploy) {
	if !strings.EqualFold(earlier.Repository, later.Repository) {
		return
	}
	if earlier.Branch != later.Branch {
		if earlier.Mode == ModePullRequest && later.Mode == ModePullRequest {
			d.Report(later.Line, later.Column, "name an environment for each of the branches",
				"the pull requests to branches %q and %q would come from the same branch astrago/<service>-<environment>",
				earlier.Branch, later.Branch)
		}
		return
	}
	for _, setting := range []struct {
		key            string
		earlier, later any
	}{
		{"api", earlier.API, later.API},
		{"mode", earlier.Mode, later.Mode},
		{"diverged", earlier.Diverged, later.Diverged},
		{"unchanged", earlier.Unchanged, later.Unchanged},
		{"message", earlier.Message.Text, later.Message.Text},
		{"pullRequest", earlier.PullRequest, later.PullRequest},
		{"create", earlier.Create, later.Create},
		{"shared", earlier.Shared, later.Shared},
	} {
		ofFile := (setting.key == "create" || setting.key == "shared") && earlier.File != later.File
		if !ofFile && !reflect.DeepEqual(setting.earlier, setting.later) {
			d.Report(later.Line, later.Column, "write the same `"+setting.key+"` in both",
				"what goes to branch %q is one commit, but `%s` differs from that of line %d", later.Branch, setting.key, earlier.Line)
		}
	}
}
