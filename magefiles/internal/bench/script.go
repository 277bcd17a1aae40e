package bench

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/docker"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// byHand is a workflow's script without astrago-ci: images one after another through the Engine, then two calls to GitHub. It takes its
// parameters from the environment; curl reads the token from its standard input, so that it is in no argument.
const byHand = `set -eu
for c in $COMPONENTS; do docker build --quiet --network=host --build-arg BASE="$BASE" -t "$IMAGE:$c-$TAG" -f "$c/Dockerfile" "$c"; done
for c in $COMPONENTS; do docker push --quiet "$IMAGE:$c-$TAG"; done
url="$GITHUB_API_URL/repos/$DEPLOYMENT/contents/values.yaml"
authorization() { printf 'header = "Authorization: Bearer %s"\n' "$DEPLOY_TOKEN"; }
authorization | curl -sSf -K - "$url?ref=$BRANCH" > "$WORK/file.json"
sha=$(sed -n 's/.*"sha": *"\([0-9a-f]\{40\}\)".*/\1/p' "$WORK/file.json" | head -n 1)
values=$(tr -d '\n' < "$WORK/file.json" | sed 's/.*"content": *"\([^"]*\)".*/\1/; s/\\n//g' | base64 -d)
for c in $COMPONENTS; do values=$(printf '%s\n' "$values" | sed "/^$c:/{n;s/\"[^\"]*\"/\"$c-$TAG\"/;}"); done
printf '{"message":"bump","branch":"%s","sha":"%s","content":"%s"}' "$BRANCH" "$sha" \
  "$(printf '%s\n' "$values" | base64 -w0)" > "$WORK/put.json"
authorization | curl -sSf -K - -X PUT -H "Content-Type: application/json" --data @"$WORK/put.json" "$url" > /dev/null
`

// script compares a whole release with the one by hand, on an Engine of its own.
func (w *workload) script(ctx context.Context) (rows []Row, err error) {
	if _, err := w.options.Tools.Package(ctx, "curl"); err != nil {
		return nil, err
	}
	engine, err := docker.Start(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, engine.Stop()) }()
	if err := engine.Login(ctx, w.stack.Registry.Addr(), w.stack.User(), w.stack.Password()); err != nil {
		return nil, err
	}
	our, other := &fresh{w: w, shape: shape{components: 3, files: 2000}}, &fresh{w: w, shape: shape{components: 3, files: 2000}}
	empty := prepare(func(ctx context.Context) error {
		return command{
			environ: slices.Concat(w.environ, engine.Environ()),
			args:    []string{"/bin/sh", "-c", "docker builder prune -af && docker image prune -af"},
		}.do(ctx)
	})
	release := func(ctx context.Context) (used, error) { return w.mage(our.now.dir, "release").run(ctx) }
	hand := func(ctx context.Context) (used, error) { return handScript(w, engine, other.now).run(ctx) }
	samples, err := measure(ctx, repetitions,
		side{ours, []step{our.step(), timed("first", release), timed("again", release)}},
		side{"script", []step{other.step(), empty, timed("first", hand), timed("again", hand)}})
	if err != nil {
		return nil, err
	}
	against := "docker build and push in a row, two calls of curl"
	return []Row{
		ratio(Row{Case: "3 components of 2,000 files, first build, push and bump", Target: Bound{Ratio: 0.5}, Against: against},
			samples[ours]["first"], samples["script"]["first"]),
		ratio(Row{Case: "same, nothing changed", Target: Bound{Ratio: 0.05}, Against: against}, samples[ours]["again"],
			samples["script"]["again"]),
	}, nil
}

func handScript(w *workload, engine *docker.Engine, a *application) command {
	environ := append(slices.Concat(w.environ, engine.Environ()),
		"COMPONENTS="+strings.Join(a.names(),
			" "), "IMAGE="+a.image, "BASE="+a.base, "TAG=1", "DEPLOYMENT="+a.deployment(), "BRANCH="+example.Branch,
		"WORK="+w.options.Dir, "DOCKER_BUILDKIT=1")
	return command{dir: a.dir, environ: environ, args: []string{"/bin/sh", "-c", byHand}}
}
