package identity_test

import (
	"runtime"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// instructions that any image may have, each right by itself.
var instructions = []string{
	"COPY a.txt b*.txt /t/", "COPY src/l /l", "COPY src/d /d", "COPY up /u", "COPY --chmod=600 a.txt /m", "COPY --link src/x /x",
	"COPY --exclude=*.md src /e", "COPY --chown=1:2 run.sh /r", "ADD src/x b.txt /ax/", "COPY --parents src/sub/z /p", "COPY [\"src/mit leer ü\", \"/ml\"]",
	"WORKDIR /w", "ENV K=v", "LABEL l=v", "USER 1", "CMD [\"c\"]", "ENTRYPOINT [\"/e\"]", "EXPOSE 80", "VOLUME /v", "STOPSIGNAL 9", "HEALTHCHECK NONE",
	"ONBUILD COPY a.txt /later", "ARG V=1", "ARG W=w\nLABEL w=$W", "ENV VV=$V", "LABEL v=${V:-none}", "COPY <<EOF /heredoc\ntext $V\nEOF", "SHELL [\"/bin/sh\", \"-c\"]",
	"COPY --from=lib . /lib", "MAINTAINER m", "ARG TARGETARCH\nLABEL arch=$TARGETARCH",
}

// steps need a shell.
var steps = []string{
	"RUN write /run one", "RUN write /run $V", "RUN --mount=type=bind,source=src,target=/b cat /b/x && write /bound ok", "RUN --mount=type=cache,target=/c true",
	"RUN --mount=type=tmpfs,target=/tmp write /tmp/x y", "RUN --network=none true", "RUN --mount=type=secret,id=s true", "RUN <<EOF\nwrite /h heredoc\nEOF",
	"RUN --mount=type=bind,from=lib,target=/lib cat /lib/l.txt && write /ran ok",
}

// dockerfiles chooses what the images are made of.
func (w *world) dockerfiles() {
	head := w.head()
	if w.chance(4) {
		w.need = []string{"FROM scratch", "COPY b.txt /need.txt", "ENV NEED=1"}
		w.image.Needs = []plan.Image{{Component: "need", Context: w.image.Context, Dockerfile: "need.Dockerfile", Contexts: map[string]string{}}}
	}
	body := w.body()
	if w.need != nil {
		body = append(body, "COPY --from=need /need.txt /n")
	}
	if w.module != "" {
		body = append(body, "COPY module /module")
	}
	if w.built {
		body = append(body, "COPY out /out")
	}
	switch w.random.IntN(4) {
	case 0: // a stage that is copied from
		w.lines = slices.Concat([]string{head + " AS first"}, body, []string{"FROM scratch", "COPY --from=first / /"})
	case 1: // a stage that is started from, and one that nobody takes
		w.lines = slices.Concat([]string{head + " AS first"}, body, []string{"FROM scratch AS unused", "COPY bb.txt /bb", "FROM first", "LABEL last=1"})
	case 2:
		w.lines = slices.Concat([]string{head + " AS first"}, body, []string{"FROM first AS second", "COPY docs /docs"})
		w.image.Target = pick(w, "", "first")
	default:
		w.lines = slices.Concat([]string{head}, body)
	}
	if w.chance(4) {
		w.lines = append([]string{"ARG GLOBAL=1"}, w.lines...)
	}
	w.writeDockerfiles()
}

// head starts the image from a base of some kind.
func (w *world) head() string {
	switch w.random.IntN(6) {
	case 0, 1:
		return "FROM scratch"
	case 2:
		w.base = "onbuild"
		w.pushBase(w.fresh(), func(c *v1.Config) { c.OnBuild = []string{"COPY a.txt /onbuild", "LABEL onbuild=1"} })
		return "FROM $BASE"
	case 3:
		w.base = "tools"
		w.image.Platforms = []string{"linux/" + runtime.GOARCH} // it runs steps
		w.pushTools()
		return "FROM " + w.registry.Addr() + "/acme/tools:1"
	case 4:
		w.base = "context"
		w.pushBase(w.fresh(), nil)
		w.image.Contexts["named"] = "docker-image://" + w.registry.Addr() + "/acme/base:1"
		return "FROM named"
	}
	w.base = "plain"
	w.pushBase(w.fresh(), nil)
	return pick(w, "FROM $BASE", "ARG TAG=1\nFROM "+w.registry.Addr()+"/acme/base:${TAG}", "FROM --platform=$TARGETPLATFORM $BASE")
}

func (w *world) body() []string {
	body := []string{"COPY " + pick(w, "a.txt", "run.sh", "src/sub") + " /first"}
	if whole := pick(w, "COPY src /src", "COPY . /all", ""); whole != "" {
		body = append(body, whole)
	}
	ignored := w.ignores()
	for range 2 + w.random.IntN(5) {
		line := pick(w, instructions...)
		if !slices.Contains(body, line) && !(ignored && strings.Contains(line, ".md")) {
			body = append(body, line)
		}
	}
	if w.base == "tools" {
		body = append(body, pick(w, steps...))
	} else if w.chance(3) {
		w.image.Platforms = []string{amd64, "linux/arm64"}
	}
	return body
}

// ignores reports whether the context has an ignore file of its own.
func (w *world) ignores() bool { return w.exists(w.at(".dockerignore")) }
