package release

import (
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// What a build would refuse, because machine and daemons differ and nobody has said which is meant, is found before.
func TestDoctorSeesForeignDaemons(t *testing.T) {
	e := &examination{session: &session{plan: &plan.Plan{Images: []plan.Image{
		{Component: "core", Platforms: []string{ownPlatform()}, Assumed: true}, {Component: "batch", Platforms: []string{"linux/s390x"}},
	}}}}
	if got := e.assumed([]string{"linux/s390x"}); !slices.Equal(got, []string{"core"}) {
		t.Errorf("on a foreign daemon %q", got)
	}
	if got := e.assumed([]string{"linux/s390x", ownPlatform()}); len(got) > 0 {
		t.Errorf("with a daemon of this kind %q", got)
	}
}
