package guard

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
)

// deployment is a bump of core by a service of a repository, to an environment.
func deployment(service, repository, environment string) repo.Commit {
	return repo.Commit{SHA: commitid.ID(service), Message: "deploy\n\n" + trailer.List{
		{Key: trailer.Source, Value: repository + "@" + rejected},
		{Key: trailer.Service, Value: service},
		{Key: trailer.Environment, Value: environment},
		{Key: trailer.Image, Value: "core ghcr.io/acme/x@sha256:0"},
	}.String()}
}

// TestFormerNameLivesOnWhereAnotherDeploysUnderIt: of another repository, or still after we have deployed under the new name. The
// service was store of acme/old, and is shop of acme/shop.
func TestFormerNameLivesOnWhereAnotherDeploysUnderIt(t *testing.T) {
	former, present := deployment("store", "acme/old", "stage"), deployment("shop", "acme/shop", "stage")
	for name, test := range map[string]struct {
		history []repo.Commit // newest first
		living  bool
	}{
		"nothing":                         {nil, false},
		"renamed once":                    {[]repo.Commit{present, present, former, former}, false},
		"not deployed since":              {[]repo.Commit{former, former}, false},
		"the former name goes on":         {[]repo.Commit{former, present, former}, true},
		"it went on, and has ended":       {[]repo.Commit{present, former, present, former}, true},
		"of another repository":           {[]repo.Commit{deployment("store", "acme/another", "stage")}, true},
		"of another one elsewhere":        {[]repo.Commit{deployment("store", "acme/another", "prod")}, false},
		"another service":                 {[]repo.Commit{deployment("mail", "acme/another", "stage")}, false},
		"the former name, in another":     {[]repo.Commit{deployment("store", "acme/old", "prod"), present, former}, false},
		"people in between":               {[]repo.Commit{{Message: "chore\n"}, present, {Message: "chore\n"}, former}, false},
		"former repository, same service": {[]repo.Commit{present, deployment("shop", "acme/old", "stage")}, false},
	} {
		b := releaseOf(nil)
		b.Formerly = []string{"store", "acme/old"}
		if got := livingUnder(b, test.history); (got != nil) != test.living {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
