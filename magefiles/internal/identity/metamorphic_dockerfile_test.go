package identity_test

import (
	"runtime"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// instructions that any image may have, each right by itself. BuildKit itself sends of two files behind one link only the first,
// where nothing else has all of the context sent.
var instructions = []string{
	"COPY a.txt b*.txt /t/", "COPY src/l /l", "COPY src/d /d", "COPY up /u", "COPY --chmod=600 a.txt /m", "COPY --link src/x /x",
	"COPY --exclude=y* src /e", "COPY --chown=1:2 run.sh /r", "ADD src/x b.txt /ax/", "COPY --parents src/sub/z /p", "COPY [\"src/mit leer ü\", \"/ml\"]",
	"COPY lnk/q.txt /lq", "COPY lnk/p.txt pair/q.txt /lpq/", "COPY --link --chmod=640 --chown=3:4 pair /lc", "COPY lnk /whole",
	"COPY --parents pair/q.txt src/./sub/z /pp/", "COPY --exclude=l* --exclude=sub src /ee", "ADD --link pair/p.txt /al", "COPY src/norm* /norm/",
	"WORKDIR /w", "ENV K=v", "LABEL l=v", "USER 1", "CMD [\"c\"]", "ENTRYPOINT [\"/e\"]", "EXPOSE 80", "VOLUME /v", "VOLUME [\"/v1\", \"/v 2\"]",
	"STOPSIGNAL 9", "STOPSIGNAL SIGTERM", "HEALTHCHECK NONE", "HEALTHCHECK --interval=5s CMD [\"true\"]",
	"ONBUILD COPY a.txt /later", "ARG V=1", "ARG W=w\nLABEL w=$W", "ENV VV=$V", "LABEL v=${V:-none}", "COPY <<EOF /heredoc\ntext $V\nEOF",
	"COPY <<one <<\"two\" /documents/\ntext $V\none\nliteral $V\ntwo", "COPY --chmod=711 <<EOF a.txt /both/\nEOF", "SHELL [\"/bin/sh\", \"-c\"]",
	"COPY --from=lib . /lib", "MAINTAINER m", "ARG TARGETARCH\nLABEL arch=$TARGETARCH",
}

// namedSteps need a shell, and a stage of the name.
var namedSteps = []string{
	"RUN write /run one", "RUN write /run $V", "RUN --mount=type=bind,source=src,target=/b copy /b/x /bound", "RUN --mount=type=cache,target=/c true",
	"RUN --mount=type=tmpfs,target=/tmp write /tmp/x y", "RUN --network=none true", "RUN --mount=type=secret,id=s true", "RUN <<EOF\nwrite /h heredoc\nEOF",
	"RUN --mount=type=bind,from=lib,target=/lib copy /lib/l.txt /ran", "RUN --mount=type=bind,from=stage,target=/s copy /s/data /staged",
	"COPY lnk/p.txt /mp\nCOPY lnk/q.txt /mq\nRUN --mount=type=tmpfs,target=/t write /x x", "RUN --mount=type=ssh true",
	"RUN --mount=type=bind,source=lnk,target=/q copy /q/q.txt /linked", "RUN --mount=type=bind,source=lnk/q.txt,target=/q copy /q /file",
	"RUN --mount=type=cache,id=c,sharing=locked,mode=0700,target=/c write /c/x y", "RUN --mount=type=cache,id=d,from=stage,target=/c true",
	"RUN --mount=type=secret,id=s,env=S,mode=0400 --mount=type=tmpfs,target=/t,size=1000000 write /n $V", "RUN <<\"EOF\"\nwrite /h2 $V\nEOF",
	"RUN --mount=type=bind,source=src,target=/ctx,rw write /ctx/x x && copy /ctx/sub/z /taken",
	"RUN --mount=from=$BASE,source=/base,target=/i copy /i /imaged",
}

// heads are the kinds of what an image starts from; "": from scratch.
var heads = []string{"", "tools", "onbuild", "plain", "tools", "context", "digest"}

// dockerfiles chooses what the images are made of.
func (w *world) dockerfiles() {
	head := w.head()
	if w.chance(4) {
		w.need = []string{"FROM scratch", "COPY b.txt /need.txt", "ENV NEED=1"}
		w.image.Needs = []plan.Image{{Component: "need", Context: w.image.Context, Dockerfile: "need.Dockerfile", Contexts: map[string]string{}}}
	}
	body := w.body()
	if w.need != nil {
		body = append(body, "COPY --from=need / /needed/")
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
		w.lines = slices.Concat([]string{head + " AS first"}, body, []string{"FROM first AS second", "COPY src/sub /second"})
		w.image.Target = pick(w, "", "first")
	default:
		w.lines = slices.Concat([]string{head}, body)
	}
	if w.chance(4) {
		w.lines = append([]string{"ARG GLOBAL=1"}, w.lines...)
	}
	w.writeDockerfiles()
}

// head starts the image from a base of one kind.
func (w *world) head() string {
	w.base = heads[w.seed%uint64(len(heads))]
	switch w.base {
	case "":
		return "FROM scratch"
	case "onbuild":
		w.pushBase(w.fresh(), func(c *v1.Config) { c.OnBuild = []string{"COPY a.txt /onbuild", "LABEL onbuild=1"} })
		return "FROM $BASE"
	case "tools":
		w.image.Platforms = []string{"linux/" + runtime.GOARCH} // it runs steps
		w.pushTools()
		w.pushBase(w.fresh(), nil)
		return "FROM scratch AS stage\nCOPY b.txt /data\nFROM " + w.registry.Addr() + "/acme/tools:1"
	case "context":
		w.pushBase(w.fresh(), nil)
		w.image.Contexts["named"] = "docker-image://" + w.registry.Addr() + "/acme/base:1"
		return "FROM named"
	case "digest":
		w.pushBase(w.fresh(), nil)
		name := w.registry.Addr() + "/acme/base" + pick(w, "", ":1") + "@" + w.digest("base:1")
		if w.chance(3) {
			return "FROM " + name
		}
		w.image.Contexts["named"] = "docker-image://" + name
		return "FROM named"
	}
	w.pushBase(w.fresh(), nil)
	return pick(w, "FROM $BASE", "ARG TAG=1\nFROM "+w.registry.Addr()+"/acme/base:${TAG}", "FROM --platform=$TARGETPLATFORM $BASE")
}

// How many instructions and steps are dealt to a world.
const (
	dealtInstructions = 3
	dealtSteps        = 4
)

func (w *world) body() []string {
	body := []string{"COPY " + pick(w, "a.txt", "run.sh", "src/sub") + " /first"}
	if whole := pick(w, "COPY src /src", "COPY . /all", ""); whole != "" {
		body = append(body, whole)
	}
	ignored := w.ignores()
	lines := inTurn(instructions, dealtInstructions, int(w.seed))
	for range w.random.IntN(4) {
		lines = append(lines, pick(w, instructions...))
	}
	if w.base == "tools" {
		some := inTurn(namedSteps, dealtSteps, 2*int(w.seed)/len(heads))
		if slices.Contains(lines, "USER 1") { // who may write nothing
			lines = slices.Concat([]string{"ARG V=1"}, some, lines)
		} else {
			lines = append(lines, some...)
		}
	} else if w.chance(3) {
		w.image.Platforms = []string{amd64, "linux/arm64"}
	}
	for _, line := range lines {
		if !slices.Contains(body, line) && !(ignored && strings.Contains(line, ".md")) {
			body = append(body, line)
		}
	}
	return body
}

// ignores reports whether the context has an ignore file of its own.
func (w *world) ignores() bool { return w.exists(w.at(".dockerignore")) }
