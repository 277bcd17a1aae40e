package rollout

import (
	"errors"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Deployments agree where they have the same tags, or other tags of one image; the order in which they are read does not matter.
func TestAgreedTags(t *testing.T) {
	one := func(component.Name, string, string) (bool, error) { return true, nil }
	other := func(component.Name, string, string) (bool, error) { return false, nil }
	silent := errors.New("the registry does not answer")
	failing := func(component.Name, string, string) (bool, error) { return false, silent }
	for name, test := range map[string]struct {
		tags   []map[component.Name]plan.Named
		same   func(name component.Name, tag, other string) (bool, error)
		agreed int  // how many components are agreed on
		asked  bool // the error is the question's
	}{
		"the same":             {[]map[component.Name]plan.Named{{"core": {Tag: "1"}, "web": {Tag: "1"}}, {"core": {Tag: "1"}}}, failing, 2, false},
		"two tags of an image": {[]map[component.Name]plan.Named{{"core": {Tag: "1"}}, {"core": {Tag: "2"}, "web": {Tag: "1"}}}, one, 2, false},
		"two images":           {[]map[component.Name]plan.Named{{"core": {Tag: "1"}}, {"core": {Tag: "2"}}}, other, 0, false},
		"not known":            {[]map[component.Name]plan.Named{{"core": {Tag: "1"}}, {"core": {Tag: "2"}}}, failing, 0, true},
	} {
		for _, tags := range [][]map[component.Name]plan.Named{test.tags, {test.tags[1], test.tags[0]}} {
			s := &EnvironmentState{Environment: &config.Environment{Name: "dev"}, Deployed: tags, Snapshots: []*repo.Snapshot{
				{Repository: "acme/a", Branch: "main"}, {Repository: "acme/b", Branch: "main"},
			}}
			got, err := s.AgreedTags(test.same)
			switch p := problem.As(err); {
			case test.asked && !errors.Is(err, silent), !test.asked && test.agreed == 0 && (p == nil || p.Status != problem.Refused):
				t.Errorf("%s: error %v", name, err)
			case test.agreed > 0 && (err != nil || len(got) != test.agreed):
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
	}
}
