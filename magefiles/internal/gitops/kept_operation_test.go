package gitops_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// rollBack goes one state back, as a rollback does.
func (m *keptModel) rollBack() {
	_, state := m.earlier(1, "", modelled...)
	if state == nil {
		return
	}
	b := m.bumpOf(0, config.UnchangedKeep)
	b.Deployment.Files[0].Edits, b.Images = nil, nil
	b.Rollback, b.Reason = &bump.Rollback{Restored: state.Commit.SHA}, "it fails"
	snapshot, tags := m.read(b.Deployment), m.tags(modelled...)
	for _, text := range modelled {
		name := component.Name(text)
		if state.Named[name].Tag == tags[name] {
			continue
		}
		at := m.commits[m.at(state.Named[name].Tag)]
		restored := m.bumpOf(m.at(state.Named[name].Tag), config.UnchangedKeep, text)
		restored.Images[0].SHA = commitid.ID(at)
		b.Images = append(b.Images, restored.Images...)
		b.Deployment.Files[0].Edits = append(b.Deployment.Files[0].Edits, restored.Deployment.Files[0].Edits...)
		rejected := m.commits[m.at(tags[name])]
		if k, ok := snapshot.KeptAs(name, tags[name]); ok {
			rejected = string(k.Source)
		}
		hold := hold.Hold{
			Component: name, Rejected: commitid.ID(rejected), Tag: tags[name], Digest: refs.Digest(m.deployed(text)),
			Until: config.HoldUntilNewer, Reason: "it fails", Since: time.Now(),
		}
		if image := m.registry[text][at]; image == m.deployed(text) {
			hold.Digest = ""
		}
		b.Hold = append(b.Hold, hold)
		b.Rollback.Rejected = append(b.Rollback.Rejected, bump.Build{Component: name, Tag: tags[name], SHA: commitid.ID(rejected)})
	}
	m.bump(b)
	m.recall()
	m.held = true
}

func (m *keptModel) hold() {
	component := modelled[m.random.IntN(2)]
	if m.held {
		m.bump(m.lift(modelled...))
	} else {
		m.bump(m.freeze("demo", component))
	}
	m.held = m.isHeld()
}

// byHand sets what was deployed before, as a revert does: what counted then counts again.
func (m *keptModel) byHand() {
	past := m.past[m.random.IntN(len(m.past))]
	text := m.content(shopFile)
	for component, tag := range m.tags(modelled...) {
		text = strings.Replace(text, tag, past.tags[component], 1)
	}
	if text == m.content(shopFile) {
		return
	}
	m.push(map[string]string{shopFile: text})
	m.recall()
}

// recall finds what counted when the tags of now were deployed last.
func (m *keptModel) recall() {
	for component, tag := range m.tags(modelled...) {
		for _, earlier := range slices.Backward(m.past) {
			if earlier.tags[component] == tag {
				m.now[component] = earlier.now[component]
				break
			}
		}
	}
}

func (m *keptModel) remember() {
	m.past = append(m.past, modelState{m.tags(modelled...), maps.Clone(m.now)})
}
