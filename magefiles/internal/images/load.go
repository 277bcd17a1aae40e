package images

import (
	"context"
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageload"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/runreport"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// Loader loads a build's images into this machine's runtime.
type Loader struct {
	imageload.Target        // nil: nowhere
	Reason           string // why nowhere

	env *cli.Env
}

// FindLoader looks for it before anything is built: a build that cannot be loaded where astrago.yaml wants it is not begun.
func FindLoader(ctx context.Context, env *cli.Env) (l Loader, err error) {
	l.env = env
	l.Target, l.Reason, err = imageload.Find(ctx, imageload.Options{
		Loader:   env.Project.Plan.Load,
		Workflow: env.InWorkflow(),
		Docker: imageload.DockerOptions{
			Host:      env.Vars.Get(vars.DockerHost),
			Context:   env.Vars.Get(vars.DockerContext),
			ConfigDir: env.Vars.Get(vars.DockerConfig),
			TLSVerify: env.Vars.Get(vars.DockerTLSVerify) != "",
			CertPath:  env.Vars.Get(vars.DockerCertPath),
		},
		Containerd: imageload.ContainerdOptions{
			Address:   env.Vars.Get(vars.ContainerdAddress),
			Namespace: env.Vars.Get(vars.ContainerdNamespace),
		},
	})
	return l, err
}

// LoadImages makes images of the layout usable on this machine.
func (l Loader) LoadImages(ctx context.Context, images []plan.Image) (loaded runreport.Loaded, err error) {
	ctx, stage := l.env.Stage(ctx, "load")
	if l.Target == nil {
		stage.Skip(l.Reason)
		return loaded, nil
	}
	defer func() { _ = l.Close() }() // what was loaded is loaded
	layout, err := ocilayout.Open(layoutDir(l.env))
	if err != nil {
		stage.Fail(err)
		return loaded, err
	}
	var list []imageload.Image
	for _, image := range images {
		if desc, ok := layout.Find(image.Ref()); ok {
			list = append(list, imageload.Image{Ref: image.Ref().String(), Descriptor: desc})
		}
	}
	if len(list) == 0 {
		stage.Skip("the images are not in " + layoutName)
		return loaded, nil
	}
	result, err := l.Load(ctx, layout.Store(), list)
	if err != nil {
		stage.Fail(err)
		return loaded, err
	}
	loaded, note := l.summarize(images, result)
	stage.Done(note)
	return loaded, nil
}

// summarize finds which images can be run, and sums up.
func (l Loader) summarize(images []plan.Image, result imageload.Result) (loaded runreport.Loaded, note string) {
	loaded.Target = l.Name()
	var foreign []component.Name
	for _, image := range images {
		switch result.States[image.Ref().String()] {
		case imageload.Loaded, imageload.Present:
			loaded.Refs = append(loaded.Refs, image.Ref())
		case imageload.Foreign:
			foreign = append(foreign, image.Component)
		}
	}
	note = fmt.Sprintf("%s in %s, %s sent", report.Plural(len(loaded.Refs), "image"), l, report.Size(result.Sent))
	if len(foreign) > 0 {
		note += fmt.Sprintf("; not for %s: %s", l.Platform(), component.Join(foreign, ", "))
	}
	return loaded, note
}
