"""Which words of a text are searched for, and how alike texts are."""

from __future__ import annotations

from crmkit_knowledge.suggesting.wording import candidates, cosine, is_long, likeness, vectors, words_of

MAIL = (
    "Dear team, I hope you are well. Yesterday the kettle began to leak at the lid whenever water boils in it, and "
    "the lid does not close any more. The kettle is new. Could you please tell me what to do with the kettle and lid? "
    "Thank you very much in advance, with best regards."
)


def test_a_short_text_is_not_long() -> None:
    assert not is_long("How do I close the lid?")
    assert is_long(MAIL)


def test_of_a_long_text_the_telling_words_come_first() -> None:
    words = [each.text for each in candidates(MAIL, "Kettle leaks")]
    assert words[0] == "kettle"
    assert {"kettle", "lid", "leaks"} <= set(words[:6])
    assert not {"dear", "please", "the", "you"} & set(words)


def test_a_long_chinese_text_is_cut_into_pairs() -> None:
    said = "您好，水壶的盖子漏水了，水烧开的时候从盖子边上流出来，盖子也关不上了，请问怎么办？"
    words = [each.text for each in candidates(said * 2)]
    assert "盖子" in words
    assert "漏水" in words
    assert all(len(each) <= 2 for each in words)


def test_likeness_is_from_zero_to_one() -> None:
    assert likeness("The lid leaks", "the LID leaks!") > 0.99
    assert likeness("The lid leaks", "Pay by card") == 0
    assert 0 < likeness("The lid leaks", "The lid is loose") < 1
    assert likeness("", "The lid") == 0


def test_vectors_have_length_one() -> None:
    first, second, nothing = vectors([words_of("lid leaks lid"), words_of("leaks"), []])
    assert abs(cosine(first, first) - 1) < 1e-9
    assert 0 < cosine(first, second) < 1
    assert nothing == {}
