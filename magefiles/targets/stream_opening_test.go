package targets_test

// opening is how every stream begins, one operation after the other and without troubles, so that each guard is met once
// whatever the seed brings after it.
func (g *generator) opening() []*operation {
	var all []*operation
	add := func(service, environment string, o operation) {
		g.made++
		o.number, o.unit = g.made, unit{service, environment}
		if o.commits != "" {
			g.commits[service]++
		}
		if o.kind == "" {
			o.kind = release
		}
		if o.kind == release && o.build == 0 {
			o.build = g.commits[service]
		}
		all = append(all, &o)
	}
	add("backend", lab, operation{commits: "core"})
	add("frontend", lab, operation{commits: "frontend"}) // another's value
	add("frontend", lab, operation{force: true})
	add("backend", lab, operation{commits: "core"}) // now it is another's here
	add("worker", "stage", operation{commits: "api"})
	add("worker", "stage", operation{commits: "jobs", only: []string{"jobs"}}) // whose value is that of api, too
	add("worker", "stage", operation{})
	older := g.commits["frontend"]
	add("frontend", "stage", operation{commits: "frontend"})
	add("frontend", "stage", operation{build: older, clone: cutOff})
	add("frontend", "stage", operation{build: older, clone: fetches})
	add("frontend", "stage", operation{commits: words, clone: cutOff}) // the newest one needs no other
	add("backend", "stage", operation{})
	add("backend", "stage", operation{commits: "core"})
	add("backend", "stage", operation{kind: rollback, reason: "login fails"})
	add("backend", "stage", operation{commits: amended}) // the rejected image
	add("backend", "stage", operation{commits: words})   // and again
	add("backend", "stage", operation{kind: lift})
	g.keeping(add)
	return all
}

// keeping is the opening of keepsStage: what is kept beside what is set, alone, older than that, promoted, held and taken back.
func (g *generator) keeping(add func(service, environment string, o operation)) {
	in := func(environment string, o operation) { add(keepsStage.service, environment, o) }
	in("stage", operation{}) // of core, which the rollback has changed
	in("stage", operation{commits: words})
	in("stage", operation{commits: words})
	in("stage", operation{build: g.commits[keepsStage.service] - 1}) // newer than the tags, older than what they count as
	in("prod", operation{kind: promote})
	in("stage", operation{kind: freeze, only: []string{"core"}, reason: "audit"})
	in("stage", operation{commits: words})   // which changes nothing of core
	in("stage", operation{commits: "batch"}) // nor now
	in("stage", operation{commits: words})
	in("stage", operation{kind: rollback, reason: "too slow"})
	in("stage", operation{kind: lift})
}
