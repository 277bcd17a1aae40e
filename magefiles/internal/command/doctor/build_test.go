package doctor

import (
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// What a build would refuse, because machine and daemons differ and nobody has said which is meant, is found before.
func TestDoctorSeesForeignDaemons(t *testing.T) {
	d := &doctorRun{env: &cli.Env{Project: &cli.Project{Plan: &plan.Plan{Images: []plan.Image{
		{Component: "core", Platforms: []string{inputs.HostPlatform()}, Assumed: true}, {Component: "batch", Platforms: []string{"linux/s390x"}},
	}}}}}
	if got := assumedComponents(d, []string{"linux/s390x"}); !slices.Equal(got, []component.Name{"core"}) {
		t.Errorf("on a foreign daemon %q", got)
	}
	if got := assumedComponents(d, []string{"linux/s390x", inputs.HostPlatform()}); len(got) > 0 {
		t.Errorf("with a daemon of this kind %q", got)
	}
}
