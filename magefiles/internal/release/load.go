package release

import (
	"context"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/load"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// loader is where a build makes its images usable.
type loader struct {
	load.Target        // nil: nowhere
	reason      string // why nowhere
}

// loader asks before anything is built: a build that cannot be loaded where astrago.yaml wants it is not begun.
func (s *session) loader(ctx context.Context) (l loader, err error) {
	l.Target, l.reason, err = load.Find(ctx, load.Options{
		Loader:   s.plan.Load,
		Workflow: s.vars.Get(vars.Actions) == "true",
		Docker: load.DockerOptions{
			Host:      s.vars.Get(vars.DockerHost),
			Context:   s.vars.Get(vars.DockerContext),
			ConfigDir: s.vars.Get(vars.DockerConfig),
			TLSVerify: s.vars.Get(vars.DockerTLSVerify) != "",
			CertPath:  s.vars.Get(vars.DockerCertPath),
		},
		Containerd: load.ContainerdOptions{
			Address:   s.vars.Get(vars.ContainerdAddress),
			Namespace: s.vars.Get(vars.ContainerdNamespace),
		},
	})
	return l, err
}

// load makes the images of the layout usable on this machine.
func (s *session) load(ctx context.Context, l loader, images []plan.Image) error {
	ctx, stage := s.stage(ctx, "load")
	if l.Target == nil {
		stage.Skip(l.reason)
		return nil
	}
	defer func() { _ = l.Close() }() // what was loaded is loaded
	layout, err := build.OpenLayout(s.layout())
	if err != nil {
		stage.Fail(err)
		return err
	}
	var list []load.Image
	for _, image := range images {
		if desc, ok := layout.Find(image.Ref()); ok {
			list = append(list, load.Image{Ref: image.Ref(), Descriptor: desc})
		}
	}
	if len(list) == 0 {
		stage.Skip("the images are not in " + layoutName)
		return nil
	}
	result, err := l.Load(ctx, layout.Store(), list)
	if err != nil {
		stage.Fail(err)
		return err
	}
	stage.Done(s.recordLoaded(l, result))
	return nil
}

// recordLoaded notes in the report which images can be run, and sums up.
func (s *session) recordLoaded(l loader, result load.Result) string {
	var usable int
	var foreign []string
	for i := range s.report.Images {
		image := &s.report.Images[i]
		switch result.States[image.Ref] {
		case load.Loaded, load.Present:
			usable++
			image.Loaded = l.Name()
		case load.Foreign:
			foreign = append(foreign, image.Component)
		}
	}
	note := fmt.Sprintf("%s in %s, %s sent", count(usable, "image"), l, report.Size(result.Sent))
	if len(foreign) > 0 {
		note += fmt.Sprintf("; not for %s: %s", l.Platform(), strings.Join(foreign, ", "))
	}
	return note
}
