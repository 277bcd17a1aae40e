package plan_test

import (
	"reflect"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// forgetOthers clears the edits of components that are left out, which name no image of this plan.
func forgetOthers(all []plan.Deployment) {
	for _, d := range all {
		for i := range d.Files {
			d.Files[i].Others = nil
		}
	}
}

// A narrowed plan is the one that -only makes.
func TestNarrow(t *testing.T) {
	cfg := parse(t, file)
	whole, err := plan.New(cfg, commit(), plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := plan.New(parse(t, file), commit(), plan.Options{Only: []component.Name{"batch"}})
	if err != nil {
		t.Fatal(err)
	}
	before := len(whole.Deployments[0].Files[0].Edits)
	narrowed := *whole
	narrowed.Narrow(cfg, []component.Name{"batch"})
	if !reflect.DeepEqual(&narrowed, want) {
		t.Errorf("\n got %+v\nwant %+v", narrowed, want)
	}
	if len(whole.Images) != 2 || len(whole.Deployments[0].Files[0].Edits) != before {
		t.Error("the plan that was copied is narrowed, too")
	}
	narrowed.Narrow(cfg, nil)
	if len(narrowed.Images) != 0 {
		t.Errorf("%d images are left of none", len(narrowed.Images))
	}
}
