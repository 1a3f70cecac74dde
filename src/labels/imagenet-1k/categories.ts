/** The categories of the 1000 ImageNet classes, for album filters and content checks; a class may be in several. */
import type { NamedSet } from '../label-set.js';

export const categories: readonly NamedSet[] = [
  // animals
  { key: 'animal', en: 'animal', zh: '动物', classes: '0-397' },
  { key: 'pet', en: 'pet', zh: '宠物', classes: '1 87-90 151-268 281-285 332 333 338' },
  { key: 'dog', en: 'dog', zh: '狗', classes: '151-268' },
  { key: 'cat', en: 'cat', zh: '猫', classes: '281-285' },
  { key: 'bird', en: 'bird', zh: '鸟', classes: '7-24 80-100 127-146' },
  {
    key: 'wild-animal',
    en: 'wild animal',
    zh: '野生动物',
    classes: '2-6 9-50 52-68 80-106 127-150 269-280 286-299 330 331 334-337 340 342-344 347 349-353 356-388',
  },
  { key: 'farm-animal', en: 'farm animal', zh: '农场动物', classes: '7 8 97 99 332 339 341 345 346 348 354 355' },
  { key: 'reptile-and-amphibian', en: 'reptile or amphibian', zh: '爬行动物和两栖动物', classes: '25-68' },
  { key: 'insect-and-spider', en: 'insect or spider', zh: '昆虫和蜘蛛', classes: '70-79 126 300-326 410 599 815' },
  {
    key: 'sea-life',
    en: 'fish or sea life',
    zh: '鱼类和海洋生物',
    classes: '0-6 33 34 65 69 107-110 112 115-125 147-150 327-329 389-397 973',
  },
  // plants, food
  { key: 'plant-and-fungus', en: 'plant or fungus', zh: '植物和菌类', classes: '580 738 944 946 947 958 984-998' },
  { key: 'fruit-and-vegetable', en: 'fruit or vegetable', zh: '水果和蔬菜', classes: '936-957 987 998' },
  { key: 'food-and-drink', en: 'food or drink', zh: '食物和饮料', classes: '440 441 737 907 923-957 959-969 987 998' },
  { key: 'alcohol-and-tobacco', en: 'alcohol or tobacco', zh: '烟酒', classes: '440 441 503 860 901 907 966 969' },
  // places
  { key: 'landscape', en: 'landscape', zh: '风景', classes: '970 972-980' },
  {
    key: 'building',
    en: 'building',
    zh: '建筑',
    classes: '406 415 421 424 425 437 442 449 454 460 467 483 497 498 500 509 525 536 538 562 580 582 624 634 649 660 663 668 672 682 698 706 708 718 727 743 762 788 819 821 825 832 839 853 854 858 860 863 865 873 884 888 900 915',
  },
  {
    key: 'street-and-garden',
    en: 'street or garden',
    zh: '街道和庭院',
    classes: '410 412 428 448 489 557 562 571 580 621 637 640 645 646 703 704 706 707 716 733 738 756 825 835 843 863 877 912 919 920',
  },
  // vehicles, military
  {
    key: 'vehicle',
    en: 'land vehicle',
    zh: '车辆',
    classes: '407 408 436 444 450 466 468 475 479 511 535 537 547 555 561 565 569 573 575 581 586 595 603 609 612 627 654 656 661 665 670 671 675 685 686 690 705 717 734 751 757 779 785 802 803 817 820 829 847 856 864 866 867 870 874 880',
  },
  {
    key: 'boat',
    en: 'boat or ship',
    zh: '船',
    classes: '403 472 484 510 554 576 625 628 693 694 724 780 814 833 871 913 914',
  },
  { key: 'aircraft', en: 'aircraft', zh: '飞行器', classes: '404 405 417 701 812 895 908' },
  {
    key: 'military-and-armour',
    en: 'military or armour',
    zh: '军事和盔甲',
    classes: '403 413 439 461 465 471 490 524 570 586 597 652 657 715 744 764 777 787 833 847 895',
  },
  { key: 'weapon', en: 'weapon', zh: '武器', classes: '413 456 471 657 744 763 764 847' },
  // people and pastimes
  { key: 'person', en: 'person', zh: '人物', classes: '981-983' },
  {
    key: 'sport',
    en: 'sport',
    zh: '体育',
    classes: '416 422 429 430 433 450 456 472 518 522 543 560 573-575 602 615 671 693 702 722 736 746 747 751 752 758 768 770 781 795 796 801 805 852 890 902 981 983',
  },
  {
    key: 'musical-instrument',
    en: 'musical instrument',
    zh: '乐器',
    classes: '401 402 420 432 486 494 513 541 542 546 558 566 577 579 593 594 641 642 683 684 687 699 714 776 822 875 881 889',
  },
  {
    key: 'toy-and-game',
    en: 'toy or game',
    zh: '玩具和游戏',
    classes: '417 476 611 613 646 719 723 736 800 843 850 865 870 918 971',
  },
  // things people wear
  {
    key: 'clothing',
    en: 'clothing',
    zh: '服装',
    classes: '399 400 411 433 439 443 445 451 452 457 459 465 474 496 501 502 514 515 529 552 568 578 601 608 610 614 615 617 630 638 639 652 655 658 667 689 697 735 770 774 775 793 796 806 808 824 834 841 842 869 887 906',
  },
  { key: 'swimwear-and-underwear', en: 'swimwear or underwear', zh: '泳装和内衣', classes: '445 459 638 639 842' },
  {
    key: 'accessory',
    en: 'accessory',
    zh: '配饰',
    classes: '414 433 439 451 452 457 464 515 531 552 584 591 636 643 658 667 679 748 793 796 808 824 836 837 879 893 903 906',
  },
  // home
  {
    key: 'household',
    en: 'household item',
    zh: '家居用品',
    classes: '409 412 427 431 434 435 443 455 462 463 470 478 492 516 519-521 529 530 533 534 539 545 549-551 556 584 585 588 589 591 604 606 607 619 626 629 631 644 648 651 653 669 674 676 680 692 695 700 709 711 720 721 728 731 738 741 750 753 756 760 766 771 772 786 789-791 793 794 797 799 804 811 816 818 826 827 838 840 844 846 859 861 862 876 879 882 883 885 891 892 896-898 904 905 911 999',
  },
  {
    key: 'furniture',
    en: 'furniture',
    zh: '家具',
    classes: '423 431 453 492 493 495 516 520 526 532 548 553 559 564 648 703 736 765 831 857 894',
  },
  {
    key: 'kitchen',
    en: 'kitchen item',
    zh: '厨房用品',
    classes: '411 440 441 469 473 499 503-505 512 521 532-534 544 550 567 572 618 647 651 659 666 700 725 729 737 760 766 773 809 813 827 828 849 859 868 891 898 899 901 907 909 910 968',
  },
  {
    key: 'electronics-and-optics',
    en: 'electronic or optical item',
    zh: '电子和光学产品',
    classes: '447 480-482 485 487 508 527 528 530 531 548 590 592 598 605 613 620 622 632 633 650 662 664 673 681 688 707 713 732 742 745 754 755 759 761 782 810 844 848 851 872 886',
  },
  {
    key: 'tool-and-machine',
    en: 'tool or machine',
    zh: '工具和机器',
    classes: '426 428 462 473 477 480 488 491 499 506 507 512 517 535 540 561 571 583 587 595 596 600 616 621 623 633-635 647 674 677 685 686 688 694-696 713 726 730 731 739 740 753 755 758 769 772 778 783 784 786 792 798 807 816 826 840 855 856 866 882 886',
  },
  {
    key: 'text-and-screen',
    en: 'text or screen',
    zh: '文字和屏幕',
    classes: '458 487 527 549 590 598 605 620 664 681 692 781 782 851 916-919 921 922',
  },
  {
    key: 'school-and-office',
    en: 'school or office item',
    zh: '学习和办公用品',
    classes: '398 400 418 438 446 508 526 527 549 553 563 592 620 623 624 664 667 673 681 688 696 709 710 712 713 742 745 749 767 769 779 798 810 878',
  },
  { key: 'medical', en: 'medical item', zh: '医疗用品', classes: '407 419 523 617 648 678 691 712 720 823 830 845' },
];
