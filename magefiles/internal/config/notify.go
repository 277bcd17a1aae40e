package config

import "github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"

// Event is an occasion for a notification.
type Event string

// The events.
const (
	OnFailure   Event = "failure"   // a run failed or was refused
	OnSuccess   Event = "success"   // a run deployed
	OnRecovered Event = "recovered" // a run succeeded, and the one before it had failed
	OnAlways    Event = "always"    // every end of a run, also that nothing was to do and that it was cancelled
)

// Language is the language of messages.
type Language string

// The languages.
const (
	English Language = "en"
	Korean  Language = "ko"
)

// NotifyURLs is the variable that holds the addresses of messages, where `urls` names no other.
const NotifyURLs = "ASTRAGO_NOTIFY_URLS"

// Notify is a list of subscribers and what they get. The addresses are secrets: the file only names the variable that holds them.
type Notify struct {
	On       []Event
	URLs     string // name of an environment variable: NotifyURLs, or one that begins with it and a `_`
	Language Language
}

func decodeNotify(d *yamlschema.Decoder, v yamlschema.Value) Notify {
	n := Notify{}
	d.Mapping(v.Node, v,
		yamlschema.Optional("on", "When to send a message: `failure` (also a refused run), `success` (a deployment), `recovered` (a "+
			"success after a failure), `always`; one, or a list.",
			"[failure, recovered]", d.List(true, func(v yamlschema.Value) {
				var event Event
				yamlschema.Choice(d, &event, OnFailure, OnSuccess, OnRecovered, OnAlways)(v)
				n.On = append(n.On, event)
			})),
		yamlschema.Optional("urls", "NAME of the environment variable that holds the addresses; never an address.", NotifyURLs,
			d.String(&n.URLs, notifyVariable)),
		yamlschema.Optional("language", "Language of the messages.", string(English), yamlschema.Choice(d, &n.Language, English, Korean)),
	)
	return n
}

// notifyVariable keeps the addresses in variables that every output masks and that no command of `prepare` sees.
var notifyVariable = withoutQuoting(yamlschema.Matching("name of a variable with addresses", NotifyURLs+`(?:_[A-Z0-9_]+)?`, ""),
	"write the NAME of the variable that holds the addresses, `"+NotifyURLs+"` or one that begins with it, e.g. "+NotifyURLs+"_TEAM")

// withoutQuoting is a grammar that never quotes what it refuses: a mistaken key has the secret itself.
func withoutQuoting(g yamlschema.Grammar, remedy string) yamlschema.Grammar {
	return yamlschema.Grammar{Expression: g.Expression, Check: func(s string) (string, *yamlschema.Flaw) {
		if _, f := g.Check(s); f != nil {
			return "", yamlschema.Flawf(remedy, "is not such a name")
		}
		return s, nil
	}}
}
