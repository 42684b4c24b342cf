package main

import (
	"fmt"

	"posagent/offline/cashier"
	"posagent/ui/model"
	"posagent/ui/words"
)

// texts are the window's words in all languages, read once.
type texts map[string]*words.Words

func readTexts() (texts, error) {
	t := texts{}
	for _, lang := range cashier.Langs() {
		w, err := words.New(lang)
		if err != nil {
			return nil, err
		}
		t[string(lang)] = w
	}
	return t, nil
}

// in is the texts of a language; English where there are none.
func (t texts) in(lang string) model.Words {
	if w, ok := t[lang]; ok {
		return w
	}
	return t[string(cashier.English)]
}

func languages() []model.Language {
	var list []model.Language
	for _, lang := range cashier.Langs() {
		list = append(list, model.Language{Tag: string(lang), Name: lang.Name()})
	}
	return list
}

// language is the one to begin with: what was asked for, else what the computer
// speaks, else English.
func language(asked, system string) (string, error) {
	if asked != "" {
		lang, ok := words.Match(asked)
		if !ok {
			return "", withExit(exitUsage, fmt.Errorf("--lang %s: there are %q", asked, cashier.Langs()))
		}
		return string(lang), nil
	}
	if lang, ok := words.Match(system); ok {
		return string(lang), nil
	}
	return string(cashier.English), nil
}
