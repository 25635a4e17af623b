"""What can be wrong with a questionnaire, said in both languages."""

from __future__ import annotations


class QuestionnaireError(ValueError):
    """
    A questionnaire cannot be used as it stands.

    Attributes
    ----------
    en, zh : str
        One sentence in each language: the file, the path inside it, what was expected and what was found.
    """

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh
