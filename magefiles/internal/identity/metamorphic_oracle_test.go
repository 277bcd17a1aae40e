package identity_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	"github.com/tonistiigi/fsutil"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// plainImage is the result of `buildctl build --no-cache` for the commit, without any of the product's code: its files and its
// configuration, without times.
type plainImage struct{ files, config string }

// checkout writes what the commit has, with its submodules, into a new directory, and brings along what git ignores.
func (w *world) checkout() string {
	dir := filepath.Join(w.t.TempDir(), "clone")
	if w.module != "" {
		gitIn(w.t, w.root, "clone", "-q", "--recurse-submodules", w.root, dir)
	} else {
		w.git("checkout-index", "-a", "--prefix="+dir+"/") // the index is the commit's, and a clone costs four processes more
	}
	if data, err := os.ReadFile(filepath.Join(w.root, w.at(".env"))); err == nil {
		w.must(os.WriteFile(filepath.Join(dir, w.at(".env")), data, 0o644))
	}
	if w.built {
		prepareIn(w.t, filepath.Join(dir, w.dir))
	}
	return dir
}

func (w *world) oracle(c *client.Client) (image plainImage, err error) {
	dir := w.checkout()
	mounts := map[string]fsutil.FS{}
	for name, path := range map[string]string{"context": w.image.Context, "dockerfile": ".", "lib": "lib"} {
		if mounts[name], err = fsutil.NewFS(filepath.Join(dir, path)); err != nil {
			return image, err
		}
	}
	reader, writer := io.Pipe()
	export := client.ExportEntry{Type: client.ExporterTar, Output: func(map[string]string) (io.WriteCloser, error) { return writer, nil }}
	listed := make(chan error, 1)
	go func() {
		var err error
		image.files, err = list(reader)
		listed <- err
	}()
	o := client.SolveOpt{Exports: []client.ExportEntry{export}, LocalMounts: mounts, SharedKey: dir, FrontendAttrs: map[string]string{}}
	_, err = c.Build(w.t.Context(), o, "", func(ctx context.Context, c gateway.Client) (*gateway.Result, error) {
		result, err := w.plain(ctx, c)
		if err == nil {
			image.config, err = configs(result)
		}
		return result, err
	}, nil)
	writer.CloseWithError(err)
	return image, errors.Join(err, <-listed)
}

// plain asks the frontend for the image as buildctl does.
func (w *world) plain(ctx context.Context, c gateway.Client) (*gateway.Result, error) {
	attrs := map[string]string{
		"filename": w.image.Dockerfile, "no-cache": "", "platform": strings.Join(w.image.Platforms, ","), "context:lib": "local:lib",
	}
	for name, value := range w.image.OwnLabels {
		attrs["label:"+name] = value
	}
	for name, value := range w.image.Args {
		attrs["build-arg:"+name] = value
	}
	if w.image.Target != "" {
		attrs["target"] = w.image.Target
	}
	if named := w.image.Contexts["named"]; named != "" {
		attrs["context:named"] = named
	}
	inputs := map[string]*pb.Definition{}
	for _, platform := range w.image.Platforms {
		if w.need == nil {
			break
		}
		options := map[string]string{"filename": "need.Dockerfile", "no-cache": "", "platform": platform}
		need, err := c.Solve(ctx, gateway.SolveRequest{Frontend: "dockerfile.v0", FrontendOpt: options})
		if err != nil {
			return nil, err
		}
		state, err := need.Ref.ToState()
		if err != nil {
			return nil, err
		}
		definition, err := state.Marshal(ctx)
		if err != nil {
			return nil, err
		}
		inputs["need::"+platform] = definition.ToPB()
		attrs["context:need::"+platform] = "input:need::" + platform
	}
	return c.Solve(ctx, gateway.SolveRequest{Frontend: "dockerfile.v0", FrontendOpt: attrs, FrontendInputs: inputs})
}

// configs are the configurations of a result without times and what the product adds.
func configs(result *gateway.Result) (string, error) {
	var all []string
	for name, data := range result.Metadata {
		if name == exptypes.ExporterImageConfigKey || strings.HasPrefix(name, exptypes.ExporterImageConfigKey+"/") {
			config, err := plainConfig(data)
			if err != nil {
				return "", err
			}
			all = append(all, config)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n"), nil
}

func plainConfig(data []byte) (string, error) {
	var config map[string]any
	if err := json.Unmarshal(data, &config); err != nil {
		return "", err
	}
	delete(config, "created")
	delete(config, "rootfs")
	history, _ := config["history"].([]any)
	for _, step := range history {
		if step, ok := step.(map[string]any); ok {
			delete(step, "created")
		}
	}
	inner, _ := config["config"].(map[string]any)
	if labels, ok := inner["Labels"].(map[string]any); ok {
		delete(labels, plan.RevisionLabel)
		delete(labels, plan.KeyAnnotation)
	}
	sorted, err := json.Marshal(config)
	return string(sorted), err
}
